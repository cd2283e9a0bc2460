import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Document, DocumentStore } from '@unionfold/eventsourcing';
import { blindIndex, type MasterKey } from '@unionfold/privacy';
import { errors, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { refused } from '../http/refused.ts';
import { type Caller, type Role, roles } from './caller.ts';

/** A sign-in of the development issuer, as it is registered. */
export interface AccountRegistration {
  /** The name to sign in with: letters, digits, hyphens. */
  readonly account: string;
  readonly unionId: string;
  readonly role: Role;
  /** The member that a worker is. */
  readonly memberId?: string;
  /** What the account is for, for people. */
  readonly title: string;
}

/** Who signs in without a registered account. */
export interface DirectSignIn {
  readonly unionId: string;
  readonly role: Role;
  readonly memberId?: string;
  /** Tells apart people with the same role in one union. */
  readonly person?: string;
}

/** A token and what it says. */
export interface SignedIn {
  readonly token: string;
  /** Seconds that it is good for. */
  readonly expiresIn: number;
  readonly caller: Caller;
}

/** Seconds that a token is good for: 12 hours. */
export const tokenLifetime = 12 * 60 * 60;

const issuerName = 'unionfold-development';
const audience = 'unionfold';
const algorithm = 'HS256';
/** Tokens whose signature need not be checked again, about 10 MB. */
const mostVerified = 20_000;
/** Accounts listed at most. */
const mostAccounts = 200;
const accounts = { name: 'accounts', indexes: [] } as const;

interface AccountDocument extends Document {
  readonly unionId: string;
  readonly role: Role;
  readonly memberId: string;
  readonly title: string;
}

/**
 * The built-in issuer of bearer tokens, for development and demonstration: it gives anybody any role. Its key is derived
 * from the deployment's master key, so tokens survive a restart and are worth nothing elsewhere.
 */
export class DevelopmentIssuer {
  readonly #documents: DocumentStore;
  readonly #masterKey: MasterKey;
  readonly #key: KeyObject;
  readonly #clock: () => Date;
  /** Callers by their tokens, and until when those are good. Milliseconds since 1970. */
  readonly #verified = new LRUCache<string, { readonly caller: Caller; readonly until: number }>({
    max: mostVerified,
  });

  private constructor(documents: DocumentStore, masterKey: MasterKey, clock: () => Date) {
    this.#documents = documents;
    this.#masterKey = masterKey;
    this.#clock = clock;
    const label = 'unionfold/v1/development-issuer';
    this.#key = createSecretKey(
      Buffer.from(hkdfSync('sha256', masterKey.blindIndexKey, Buffer.alloc(0), label, 32)),
    );
  }

  static async open(
    documents: DocumentStore,
    masterKey: MasterKey,
    clock: () => Date,
  ): Promise<DevelopmentIssuer> {
    await documents.define([accounts]);
    return new DevelopmentIssuer(documents, masterKey, clock);
  }

  /** Registers an account, or changes it. */
  async registerAccount(registration: AccountRegistration): Promise<void> {
    const { account, unionId, role, memberId = '', title } = registration;
    const document: AccountDocument = { id: account, unionId, role, memberId, title };
    await this.#documents.commit({ puts: [{ collection: accounts.name, document }] });
  }

  /** The registered accounts, by name. */
  async accounts(): Promise<readonly AccountRegistration[]> {
    const found = await this.#documents.find(accounts.name, { limit: mostAccounts });
    return found.map((document) => {
      const { id, unionId, role, memberId, title } = document as AccountDocument;
      return { account: id, unionId, role, title, ...(memberId === '' ? {} : { memberId }) };
    });
  }

  /** Signs in with a registered account; undefined when there is none of this name. */
  async signInAs(account: string): Promise<SignedIn | undefined> {
    const found = await this.#documents.get(accounts.name, account);
    if (found === undefined) return undefined;
    const { unionId, role, memberId } = found as AccountDocument;
    return await this.#issue({ subject: this.#pseudonym(account), unionId, role, memberId });
  }

  /** Signs in as whoever the caller wants to be. */
  async signIn({ unionId, role, memberId = '', person = '' }: DirectSignIn): Promise<SignedIn> {
    const subject = this.#pseudonym([unionId, role, memberId, person].join('/'));
    return await this.#issue({ subject, unionId, role, memberId });
  }

  /**
   * Reads a token.
   * @throws Refused `token-expired` or `token-malformed`
   */
  async verify(token: string): Promise<Caller> {
    const known = this.#verified.get(token);
    if (known !== undefined && this.#clock().getTime() < known.until) return known.caller;
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        issuer: issuerName,
        audience,
        algorithms: [algorithm],
        currentDate: this.#clock(),
      });
      const { sub, union, role, member, exp = 0 } = payload;
      if (typeof sub === 'string' && typeof union === 'string' && isRole(role)) {
        const memberId = typeof member === 'string' ? member : '';
        const caller = { subject: sub, unionId: union, role, memberId };
        this.#verified.set(token, { caller, until: exp * 1_000 });
        return caller;
      }
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw refused('token-expired');
      if (!(error instanceof errors.JOSEError) && !(error instanceof TypeError)) throw error;
    }
    throw refused('token-malformed');
  }

  async #issue(caller: Caller): Promise<SignedIn> {
    const { subject, unionId, role, memberId } = caller;
    const now = Math.floor(this.#clock().getTime() / 1_000);
    const claims = { union: unionId, role, ...(memberId === '' ? {} : { member: memberId }) };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: algorithm })
      .setIssuer(issuerName)
      .setAudience(audience)
      .setSubject(subject)
      .setIssuedAt(now)
      .setExpirationTime(now + tokenLifetime)
      .sign(this.#key);
    return { token, expiresIn: tokenLifetime, caller };
  }

  /** The same person is the same actor in every session, and the log does not hold the account's name. */
  #pseudonym(person: string): string {
    return blindIndex(this.#masterKey, 'account', person);
  }
}

function isRole(value: unknown): value is Role {
  return (roles as readonly unknown[]).includes(value);
}
