import type { ApplicationSettings, Role } from '../settings.ts';

/** A tenant with its applications and what they may do in Fabric. */
export class Directory {
  readonly tenantId: string;
  readonly #applications: readonly ApplicationSettings[];

  constructor(tenantId: string, applications: readonly ApplicationSettings[]) {
    this.tenantId = tenantId;
    this.#applications = applications;
  }

  /** Tenant and client ids are compared without case, as Entra does. */
  isTenant(id: string): boolean {
    return id.toLowerCase() === this.tenantId.toLowerCase();
  }

  application(clientId: string): ApplicationSettings | undefined {
    const wanted = clientId.toLowerCase();
    return this.#applications.find((one) => one.clientId.toLowerCase() === wanted);
  }

  roleOf(application: ApplicationSettings, workspaceId: string): Role {
    return application.roles?.[workspaceId] ?? 'contributor';
  }
}
