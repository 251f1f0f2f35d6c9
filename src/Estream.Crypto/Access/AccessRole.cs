namespace Estream.Crypto;

/// <summary>What the holder of an access token may do. Each role includes those before it.</summary>
public enum AccessRole
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Read everything: messages, maps, metrics, health.</summary>
    Viewer,

    /// <summary>Also change how the host is observed.</summary>
    Operator,

    /// <summary>Also start another version of a component, which runs code.</summary>
    Developer,

    /// <summary>Everything.</summary>
    Admin,
}

/// <summary>An access token as its file lists it. The token itself is not stored.</summary>
/// <param name="Id">Eight hexadecimal digits, which are part of the token.</param>
/// <param name="Name">The name that was given to it; empty if none was.</param>
/// <param name="Role">What its holder may do.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ExpiresAt">From when on it is refused; <see langword="null"/> for never.</param>
public sealed record AccessToken(string Id, string Name, AccessRole Role, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);
