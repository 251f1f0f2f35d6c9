namespace Estream.Esf.Schema;

/// <summary>
/// Predefined audiences named after regulations. Profiles exist in schema files only: the canonical text contains the level and audiences
/// of the profile, so the meaning of a published schema never changes.
/// </summary>
internal static class PrivacyProfiles
{
    /// <summary>The names of the profiles.</summary>
    public static readonly string[] All = ["hipaa", "pci_dss", "gdpr", "soc2"];

    // For each profile: the audiences that read personal or confidential data (of patients, payers or persons), and the audiences that
    // supervise the use of the data.
    private static readonly string[][] s_audiences =
    [
        ["provider", "auditor"],
        ["payment_agent", "auditor", "regulator"],
        ["controller", "data_protection_officer"],
        ["operator", "auditor"],
    ];

    /// <summary>Gets the audiences of a profile, which have the level public.</summary>
    public static bool TryGet(string name, out IReadOnlyList<string> audiences)
    {
        int index = Array.IndexOf(All, name);
        audiences = index < 0 ? [] : s_audiences[index];
        return index >= 0;
    }
}
