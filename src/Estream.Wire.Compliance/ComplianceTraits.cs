namespace Estream.Wire.Compliance;

/// <summary>What an adapter is, so that the suite asks it for no more. A check that needs what the adapter has not is left out, and never
/// counts as passed.</summary>
[Flags]
public enum ComplianceTraits
{
    /// <summary>Nothing of what follows.</summary>
    None = 0,

    /// <summary>Peers connect to it: it listens on <see cref="ComplianceSite.Port"/>.</summary>
    Listens = 1,

    /// <summary>It connects to a peer that listens on <see cref="ComplianceSite.Port"/>.</summary>
    Dials = 2,

    /// <summary>Its protocol acknowledges messages, so that a peer knows which are taken.</summary>
    Acknowledges = 4,

    /// <summary>It sends what it is given to emit, and the settings say so for the schema of the suite's messages.</summary>
    Sends = 8,

    /// <summary>It ends a connection whose peer gives no sign of life, within half a minute with the settings the suite gets.</summary>
    NoticesSilence = 16,

    /// <summary>Its settings lead to <see cref="ComplianceSite.Secret"/>, which it must show nobody.</summary>
    HasSecret = 32,
}
