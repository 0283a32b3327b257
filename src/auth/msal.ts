/** The part of MSAL that is used. It is evaluated at the first sign-in only, not at the start. */
export { ConfidentialClientApplication } from '@azure/msal-node';
