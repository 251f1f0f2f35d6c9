using Estream.Crypto;

namespace Estream.Marketplace.Server;

/// <summary>Who sends a request. Immutable.</summary>
/// <param name="Name">The name of the token, or a description of a caller without a token.</param>
/// <param name="IsAdministrator">Whether the caller has the role of an administrator, which includes all grants.</param>
/// <param name="Grants">The marketplace rights.</param>
internal sealed record MarketplaceCaller(string Name, bool IsAdministrator, AccessGrants Grants)
{
    /// <summary>Whether the caller may moderate submissions.</summary>
    public bool IsModerator => IsAdministrator || Grants.IsModerator;

    /// <summary>Whether the caller may submit releases of a namespace.</summary>
    public bool MayRegister(string space) => IsAdministrator || Grants.MayRegister(space);
}
