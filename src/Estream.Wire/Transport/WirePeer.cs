using System.Security.Cryptography.X509Certificates;

namespace Estream.Wire;

/// <summary>A peer that a listening adapter serves, known by its certificate. Immutable.</summary>
/// <param name="CertificateName">The DNS name that its certificate must contain as a subject alternative name or, without such names, as
/// common name. Wildcards of the certificate do not count.</param>
public sealed record WirePeer(string CertificateName)
{
    private const int MaxPeers = 10_000;
    private const int MaxAllowed = 1_000;

    /// <summary>What the peer may do, in the terms of the adapter: topics, message types or units. Default: empty, for everything that the
    /// adapter accepts.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];

    /// <summary>Whether the peer may do something.</summary>
    /// <param name="what">A topic or unit.</param>
    public bool Allows(string what) => Allowed.Count == 0 || Allowed.Contains(what);

    /// <summary>Reads Peers:0:CertificateName, Peers:0:KEY:0, Peers:0:KEY:1, ….</summary>
    /// <param name="settings">The settings of the adapter.</param>
    /// <param name="key">The key of what a peer may do, such as Topics.</param>
    internal static IReadOnlyList<WirePeer> Read(WireSettings settings, string key) =>
    [
        .. settings.List("Peers").Take(MaxPeers).Select(peer => new WirePeer(peer.RequireText("CertificateName"))
        {
            Allowed = [.. Texts(peer, key)],
        }),
    ];

    private static IEnumerable<string> Texts(WireSettings settings, string key)
    {
        for (int index = 0; index < MaxAllowed && settings.Text($"{key}:{index}") is { } text; index++)
        {
            yield return text;
        }
    }

    /// <summary>Checks the peers of a listener.</summary>
    /// <param name="peers">The peers.</param>
    /// <param name="tls">The TLS options of the listener.</param>
    /// <param name="isKnown">Whether the adapter knows what a peer may do.</param>
    /// <exception cref="WireConfigurationException">A name is not accepted, or no certificate is requested.</exception>
    internal static void Check(IReadOnlyList<WirePeer> peers, WireServerTlsOptions? tls, Func<string, bool> isKnown)
    {
        if (peers.Count > 0 && tls is not ({ ClientCaFile: not null } or { ClientPins.Count: > 0 }))
        {
            throw new WireConfigurationException("Peers", "are set, but no client certificate is requested. Set Tls:ClientCaFile or "
                + "Tls:ClientPins, or leave Peers out.");
        }

        foreach (WirePeer peer in peers)
        {
            if (Uri.CheckHostName(peer.CertificateName) != UriHostNameType.Dns)
            {
                throw new WireConfigurationException("Peers",
                    $"has the CertificateName '{peer.CertificateName}', which is not accepted; write a DNS name, such as desk.example.");
            }

            if (peer.Allowed.FirstOrDefault(one => !isKnown(one)) is { } unknown)
            {
                throw new WireConfigurationException("Peers",
                    $"allows '{unknown}' to {peer.CertificateName}, which the adapter does not accept. Correct or remove it.");
            }
        }

        if (peers.DistinctBy(peer => peer.CertificateName, StringComparer.OrdinalIgnoreCase).Count() < peers.Count)
        {
            throw new WireConfigurationException("Peers", "names a certificate twice. Remove one of the two.");
        }
    }

    /// <summary>Finds the peer with a certificate; null if it is not listed.</summary>
    internal static WirePeer? Find(IReadOnlyList<WirePeer> peers, X509Certificate2? certificate) =>
        certificate is null ? null
            : peers.FirstOrDefault(peer => certificate.MatchesHostname(peer.CertificateName, allowWildcards: false));
}
