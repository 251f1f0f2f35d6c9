using System.Text;
using Estream.Circuits;
using Estream.Crypto;
using Estream.Esf;
using Estream.Marketplace.Widgets;

namespace Estream.Marketplace.Governance;

/// <summary>Whether the manifest is the one that was declared, complete, and of this release.</summary>
internal sealed class ManifestCompleteness(WidgetContentSource content)
{
    private static readonly EsfWidening s_widening = new(WidgetIdentified.Schema, WidgetDescribed.Schema);

    public void Run(ref NodeCall call)
    {
        WidgetIdentified.View review = WidgetIdentified.View.Of(call.Message);
        WidgetContentStatus status = content(review.ManifestHash, WidgetPublishLimits.MaxManifestBytes, out ReadOnlyMemory<byte> found);
        WidgetManifest? manifest = status == WidgetContentStatus.Found && HasHash(found.Span, review.ManifestHash) ? WidgetManifest.Read(found.Span) : null;
        IReadOnlyList<string> faults = manifest is null ? [Unread(status)] : FaultsOf(manifest, in review);
        IReadOnlyList<string> peers = manifest?.MissingPeers ?? [];
        var made = Widening.Begin<WidgetDescribed.Additions>(s_widening, ref call);
        made.IncompleteManifest = faults.Count > 0;
        made.MissingPeerDependency = peers.Count > 0;
        if (manifest?.MaxBundleBytes is int most)
        {
            made.MaxBundleBytes = (ulong)most;
        }

        if (faults.Count + peers.Count > 0)
        {
            made.SetManifestDetails(string.Join('\n', faults.Concat(peers)));
        }

        call.Make(made.Length);
    }

    /// <summary>Whether something has a SHA3-256.</summary>
    public static bool HasHash(ReadOnlySpan<byte> content, ReadOnlySpan<byte> sha3)
    {
        Span<byte> hash = stackalloc byte[Sha3Lanes.HashBytes];
        Sha3Lanes.Hash(content, hash);
        return hash.SequenceEqual(sha3);
    }

    private static string Unread(WidgetContentStatus status) => status switch
    {
        WidgetContentStatus.Found => "what the store has of the manifest's hash has another one",
        WidgetContentStatus.TooLong => "the manifest is too long",
        _ => "the manifest is not in the store",
    };

    private static IReadOnlyList<string> FaultsOf(WidgetManifest manifest, in WidgetIdentified.View review)
    {
        List<string> roles = [];
        foreach (ReadOnlySpan<byte> role in review.RequiredRoles)
        {
            roles.Add(Encoding.UTF8.GetString(role));
        }

        return manifest.FaultsFor(Encoding.UTF8.GetString(review.WidgetId), Encoding.UTF8.GetString(review.Version), roles);
    }
}
