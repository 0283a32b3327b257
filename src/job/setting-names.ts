import type { Inputs } from '../inputs.ts';

/** Names of the settings that a submit sends, without their values: keys of `conf`, and inputs. */
export function settingNames({
  conf,
  sizing,
  environment,
}: Pick<Inputs, 'conf' | 'sizing' | 'environment'>): string[] {
  const input = (field: string): string =>
    field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return [
    ...Object.keys(conf),
    ...Object.keys(sizing).map(input),
    ...(environment === undefined ? [] : ['environment']),
  ];
}
