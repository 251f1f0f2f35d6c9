namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Keys by which a component would vouch for itself. Manifests of other designs have them; here they are refused by name, so that
/// nobody believes them.</summary>
internal static class UntrustedKeys
{
    private static readonly string[] s_keys =
        ["trust", "trust_level", "trusted", "verified", "public_key", "key", "key_id", "signature", "signatures", "approvals", "approved", "approver_signatures", "skip_verify", "governance_approved"];

    public static bool Contains(string key) => s_keys.Contains(key);
}
