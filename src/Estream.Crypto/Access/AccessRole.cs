namespace Estream.Crypto;

/// <summary>The rights of the holder of an access token. Each role includes the rights of the roles before it.</summary>
public enum AccessRole
{
    /// <summary>No access.</summary>
    None,

    /// <summary>Can read metrics and health alone.</summary>
    Metrics,

    /// <summary>Can read everything: messages, maps, metrics, health.</summary>
    Viewer,

    /// <summary>Can also append messages, change maps, use cursors, and change how the host is observed.</summary>
    Operator,

    /// <summary>Can also start another version of a component, which runs code.</summary>
    Developer,

    /// <summary>Can do everything.</summary>
    Admin,
}

/// <summary>An access token as listed in its file, which does not contain the token itself.</summary>
/// <param name="Id">Eight hexadecimal digits, which are part of the token.</param>
/// <param name="Name">The name of the token; may be empty.</param>
/// <param name="Role">The role of the token's holder.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ExpiresAt">The time from which the token is rejected; <see langword="null"/> for never.</param>
public sealed record AccessToken(string Id, string Name, AccessRole Role, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt)
{
    /// <summary>The queues and maps that the token reaches. Default: all.</summary>
    public AccessScopes Scopes { get; init; } = AccessScopes.All;

    /// <summary>The marketplace rights of the token. Default: none.</summary>
    public AccessGrants Grants { get; init; } = AccessGrants.None;
}
