using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Estream.Crypto;
using Estream.Host.Configuration;

namespace Estream.Host.Http;

/// <summary>The identity of a requester.</summary>
/// <param name="Name">The name of the token, or a description of a requester without a token.</param>
/// <param name="Role">The role of the requester.</param>
/// <param name="IsByCookie">Whether a browser sent a cookie, which it also does for requests not made by the user.</param>
internal sealed record Identity(string Name, AccessRole Role, bool IsByCookie = false)
{
    /// <summary>The queues and maps that the requester reaches.</summary>
    public AccessScopes Scopes { get; init; } = AccessScopes.All;

    /// <summary>The marketplace rights of the requester.</summary>
    public AccessGrants Grants { get; init; } = AccessGrants.None;
}

/// <summary>Where a request comes from.</summary>
internal enum RequestOrigin
{
    /// <summary>Another machine, or unknown.</summary>
    Elsewhere,

    /// <summary>A program of the host's user on this machine.</summary>
    ThisMachine,

    /// <summary>The Unix socket.</summary>
    Socket,
}

/// <summary>What a request presents to identify its sender.</summary>
/// <param name="Authorization">The header; null if there is none.</param>
/// <param name="Session">The identifier of a browser session; null if there is none.</param>
/// <param name="Origin">Where the request comes from.</param>
internal sealed record Credentials(string? Authorization, string? Session, RequestOrigin Origin);

/// <summary>
/// Identifies requesters: by <c>Authorization: Bearer TOKEN</c>, by <c>Basic</c> with the token as the password, by the cookie of a console
/// session, by the Unix socket, or by a connection of the host's user on this machine. Thread-safe.
/// </summary>
internal sealed class AccessControl(HttpSettings settings, TimeProvider time)
{
    private const int MaxHeaderLength = 8192;

    private readonly byte[]? _configured = settings.Token is { } token ? Hash(token) : null;
    private readonly Identity _thisMachine = new("this machine", settings.LoopbackRole);
    private readonly TokenCache? _tokens = settings.TokensFile is { } file ? new TokenCache(file, time) : null;

    /// <summary>The identity of a connection to a Unix socket of the host.</summary>
    public static Identity HostUser { get; } = new("the user of the host", AccessRole.Admin);

    /// <summary>The identity of a program that runs as the host's user on this machine and presents no token. Null if such programs have no
    /// role, or if the host has had a token.</summary>
    public Identity? ThisMachine =>
        _configured is null && _tokens?.HasTokens != true && settings.LoopbackRole > AccessRole.None ? _thisMachine : null;

    /// <summary>Reads the tokens of the file; null if the host has no token file.</summary>
    /// <exception cref="Core.EstreamException">The file cannot be read.</exception>
    public IReadOnlyList<AccessToken>? ReadTokens() => settings.TokensFile is { } file ? AccessTokenFile.Load(file).Tokens : null;

    /// <summary>The sessions of browsers that have signed in.</summary>
    public BrowserSessions Sessions { get; } = new(time);

    /// <summary>Returns the identity of a requester; null if the credentials are wrong, or if required credentials are missing.</summary>
    public Identity? Identify(HttpContext context) => Identify(CredentialsOf(context));

    /// <summary>Returns the identity of the sender of a request now; null if the credentials are not valid any more.</summary>
    public Identity? Identify(Credentials presented)
    {
        if (!string.IsNullOrEmpty(presented.Authorization))
        {
            return PresentedIn(presented.Authorization) is { } token ? IdentityOf(token) : null;
        }

        if (presented.Session is { } session && Sessions.TryFind(session, out string? signedInWith))
        {
            // The token may have been revoked since the sign-in.
            return IdentityOf(signedInWith) is { } identity ? identity with { IsByCookie = true } : null;
        }

        // The mode of the socket admits only the host's user, who can do everything the host can.
        return presented.Origin == RequestOrigin.Socket ? HostUser
            : presented.Origin == RequestOrigin.ThisMachine ? ThisMachine
            : null;
    }

    /// <summary>Returns what a request presents, to identify its sender again while the connection lasts.</summary>
    public Credentials CredentialsOf(HttpContext context) => new(
        context.Request.Headers.Authorization,
        context.Request.Cookies.TryGetValue(BrowserSessions.CookieOf(context.Request), out string? session) ? session : null,
        HttpListeners.Of(context) == Listener.Socket ? RequestOrigin.Socket
            : ThisMachine is not null && IsFromThisMachine(context) ? RequestOrigin.ThisMachine
            : RequestOrigin.Elsewhere);

    /// <summary>Returns the token of an Authorization header; null if there is none.</summary>
    public static string? PresentedIn(string authorization)
    {
        if (authorization.Length > MaxHeaderLength
            || !AuthenticationHeaderValue.TryParse(authorization, out AuthenticationHeaderValue? header)
            || string.IsNullOrEmpty(header.Parameter))
        {
            return null;
        }

        return header.Scheme.ToUpperInvariant() switch
        {
            "BEARER" => header.Parameter,
            "BASIC" => PasswordOf(header.Parameter),
            _ => null,
        };
    }

    /// <summary>Returns the identity of the holder of a token; null if the token is not valid.</summary>
    public Identity? IdentityOf(string token)
    {
        if (_configured is not null && CryptographicOperations.FixedTimeEquals(Hash(token), _configured))
        {
            return new Identity("the configured token", AccessRole.Admin);
        }

        return _tokens is not null && _tokens.TryFind(token, out AccessToken? found)
            ? new Identity(found.Name.Length > 0 ? found.Name : found.Id, found.Role) { Scopes = found.Scopes, Grants = found.Grants }
            : null;
    }

    private static bool IsFromThisMachine(HttpContext context) =>
        !ForwardedRequests.IsForwarded(context) && HostNames.IsLoopback(context.Request.Host.Host) && HttpListeners.IsFromOwnUser(context);

    private static string? PasswordOf(string encoded)
    {
        byte[] bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out int length))
        {
            return null;
        }

        string pair = Encoding.UTF8.GetString(bytes, 0, length);
        int colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
