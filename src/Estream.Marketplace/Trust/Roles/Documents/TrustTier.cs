namespace Estream.Marketplace.Trust.Roles;

/// <summary>How far a component is trusted, by the signed policy of its registry and never by what it says of itself. The order is that of
/// trust.</summary>
public enum TrustTier
{
    /// <summary>Nobody has looked at it: it gets no data until a person has been asked.</summary>
    Experimental,

    /// <summary>Its author is known.</summary>
    Community,

    /// <summary>It was reviewed.</summary>
    Verified,

    /// <summary>It is of those who make the product.</summary>
    Core,
}
