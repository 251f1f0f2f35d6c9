namespace Estream.Esf.Schema;

/// <summary>
/// Audiences under the name of the rules they are for. A profile is a word of the schema file alone: in the canonical text stand the level
/// and the audiences it means, so what it means never changes.
/// </summary>
internal static class PrivacyProfiles
{
    /// <summary>The names.</summary>
    public static readonly string[] All = ["hipaa", "pci_dss", "gdpr", "soc2"];

    // Who reads what identifies a patient, a payer or a person, or is confidential, and who watches over that.
    private static readonly string[][] s_audiences =
    [
        ["provider", "auditor"],
        ["payment_agent", "auditor", "regulator"],
        ["controller", "data_protection_officer"],
        ["operator", "auditor"],
    ];

    /// <summary>The audiences that have the level public.</summary>
    public static bool TryGet(string name, out IReadOnlyList<string> audiences)
    {
        int index = Array.IndexOf(All, name);
        audiences = index < 0 ? [] : s_audiences[index];
        return index >= 0;
    }
}
