import { describe, expect, test } from '@jest/globals';
import { releaseNotes } from '../../../scripts/release-notes.ts';

const changelog = `# Changelog

## [Unreleased]

## [1.2.3] - 2027-02-28

### Added

- A thing.

## [1.2.2] - 2027-01-31

- An older thing.
`;
const manifests = (version: string): Record<string, string> => ({
  'package.json': JSON.stringify({ name: 'x', version }),
  'package-lock.json': JSON.stringify({ version }),
});
const told = { changelog, manifests: manifests('1.2.3') };

describe('the notes of a release', () => {
  test('are the section of its version, without the heading', () => {
    expect(releaseNotes('v1.2.3', told)).toEqual({ notes: '### Added\n\n- A thing.' });
  });

  test('of the oldest version end with the file', () => {
    const notes = releaseNotes('v1.2.2', { changelog, manifests: manifests('1.2.2') });
    expect(notes).toEqual({ notes: '- An older thing.' });
  });

  test.each(['', 'v1', '1.2.3', 'v1.2.3-rc.1', 'v1.2.03', 'v1.2.3\nv1.2.3'])(
    'are none for the tag %j',
    (tag) => {
      expect(releaseNotes(tag, told)).toMatchObject({ problems: [expect.any(String)] });
    },
  );

  test('name every file that tells of another version', () => {
    const other = { changelog, manifests: manifests('1.2.2') };
    expect(releaseNotes('v1.2.3', other)).toEqual({
      problems: [
        'package.json has the version 1.2.2, not 1.2.3.',
        'package-lock.json has the version 1.2.2, not 1.2.3.',
      ],
    });
  });

  test.each([
    ['no section', changelog.replaceAll('1.2.3', '1.2.4')],
    ['no date', changelog.replace(' - 2027-02-28', '')],
    ['nothing', changelog.replace('- A thing.', '')],
  ])('are none where the changelog has %s', (_, text) => {
    expect(releaseNotes('v1.2.3', { ...told, changelog: text })).toMatchObject({
      problems: [expect.stringContaining('CHANGELOG.md')],
    });
  });
});
