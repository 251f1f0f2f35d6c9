using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Circuits;
using Estream.Crypto;
using Estream.Esf;
using Estream.Marketplace.Widgets;

namespace Estream.Marketplace.Governance;

/// <summary>
/// A widget release: everything that its publisher and its approvers sign, in the format of docs/formats/widget-release.md. Immutable,
/// provided that the given arrays do not change.
/// </summary>
public sealed record WidgetRelease
{
    /// <summary>The size of a release digest in bytes.</summary>
    public const int DigestBytes = Sha3Lanes.HashBytes;

    /// <summary>The id of the widget, such as <c>@acme/impact-counter</c>.</summary>
    public required string WidgetId { get; init; }

    /// <summary>The version of the widget.</summary>
    public required string Version { get; init; }

    /// <summary>The SHA3-256 of the publisher's public key.</summary>
    public required ReadOnlyMemory<byte> PublisherId { get; init; }

    /// <summary>The SHA3-256 of the manifest.</summary>
    public required ReadOnlyMemory<byte> ManifestHash { get; init; }

    /// <summary>The SHA3-256 of the bundle.</summary>
    public required ReadOnlyMemory<byte> BundleHash { get; init; }

    /// <summary>The size of the bundle in bytes.</summary>
    public required ulong BundleSizeBytes { get; init; }

    /// <summary>The roles of which a user needs one.</summary>
    public required IReadOnlyList<string> RequiredRoles { get; init; }

    /// <summary>The requested trust level.</summary>
    public required string RequestedTrustLevel { get; init; }

    /// <summary>The ML-DSA-87 context of a publisher's signature.</summary>
    public static ReadOnlySpan<byte> PublishContext => "estream.marketplace.widget.publish.v1"u8;

    /// <summary>The ML-DSA-87 context of an approver's signature. It differs from <see cref="PublishContext"/>, so a publisher's signature
    /// is never valid as an approval, and an approval is never valid as a publisher's signature.</summary>
    public static ReadOnlySpan<byte> ApproveContext => "estream.marketplace.widget.approve.v1"u8;

    private static ReadOnlySpan<byte> Domain => "estream.marketplace.widget.release.v1\n"u8;

    /// <summary>Returns the id of a key: the SHA3-256 of the encoded public key.</summary>
    /// <param name="publicKey">The key.</param>
    public static byte[] IdOf(ReadOnlySpan<byte> publicKey) => HashOf(publicKey);

    /// <summary>Returns the SHA3-256 of a manifest or a bundle.</summary>
    /// <param name="content">Its bytes.</param>
    public static byte[] HashOf(ReadOnlySpan<byte> content)
    {
        byte[] hash = new byte[DigestBytes];
        Sha3Lanes.Hash(content, hash);
        return hash;
    }

    /// <summary>Returns the release digest, which is signed.</summary>
    /// <exception cref="ArgumentException">An id or a hash does not have <see cref="DigestBytes"/> bytes.</exception>
    public byte[] Digest()
    {
        if (PublisherId.Length != DigestBytes || ManifestHash.Length != DigestBytes || BundleHash.Length != DigestBytes)
        {
            throw new ArgumentException(
                $"The id of the publisher and the hashes of manifest and bundle must have {DigestBytes} bytes each (SHA3-256).");
        }

        ArrayBufferWriter<byte> statement = new();
        Write(statement, WidgetId);
        Write(statement, Version);
        statement.Write(PublisherId.Span);
        statement.Write(ManifestHash.Span);
        statement.Write(BundleHash.Span);
        BinaryPrimitives.WriteUInt64LittleEndian(statement.GetSpan(sizeof(ulong)), BundleSizeBytes);
        statement.Advance(sizeof(ulong));
        Write(statement, (uint)RequiredRoles.Count);
        foreach (string role in RequiredRoles)
        {
            Write(statement, role);
        }

        Write(statement, RequestedTrustLevel);
        byte[] digest = new byte[DigestBytes];
        Sha3Lanes.Hash(Domain, statement.WrittenSpan, digest);
        return digest;
    }

    /// <summary>Signs the release as its publisher.</summary>
    /// <param name="publisher">The key; its id is <see cref="PublisherId"/>.</param>
    public byte[] Sign(ISigner publisher) => Sign(publisher, PublishContext);

    /// <summary>Signs the release as an approver.</summary>
    /// <param name="approver">The key.</param>
    public byte[] Approve(ISigner approver) => Sign(approver, ApproveContext);

    /// <summary>Returns the request message of the circuit, without approvals.</summary>
    /// <param name="signature">The signature from <see cref="Sign(ISigner)"/>.</param>
    /// <exception cref="ArgumentException">A text exceeds the limits of the message, or a value has another length.</exception>
    public byte[] ToRequest(ReadOnlySpan<byte> signature)
    {
        byte[] room = new byte[WidgetPublishLimits.MaxRequestBytes];
        WidgetPublishRequest.Writer request = WidgetPublishRequest.Write(room);
        request.SetWidgetId(WidgetId);
        request.SetVersion(Version);
        request.SetPublisherId(PublisherId.Span);
        request.SetManifestHash(ManifestHash.Span);
        request.SetBundleHash(BundleHash.Span);
        request.BundleSizeBytes = BundleSizeBytes;
        var roles = request.BeginRequiredRoles();
        foreach (string role in RequiredRoles)
        {
            roles.Add(Encoding.UTF8.GetBytes(role));
        }

        request.EndRequiredRoles(in roles);
        request.SetRequestedTrustLevel(RequestedTrustLevel);
        request.SetPublisherSignature(signature);
        var approvals = request.BeginApprovals();
        request.EndApprovals(in approvals);
        return room[..request.Length];
    }

    /// <summary>Reads the release of a request. Never throws on any input; does not verify the signature, which the circuit does.</summary>
    /// <param name="request">The message; need not be trusted.</param>
    /// <param name="release">Receives the release.</param>
    public static bool TryRead(ReadOnlySpan<byte> request, [NotNullWhen(true)] out WidgetRelease? release)
    {
        bool isOne = request.Length <= WidgetPublishLimits.MaxRequestBytes && EsfMessageHeader.TryReadSchemaId(request, out ulong id)
            && id == WidgetPublishRequest.SchemaId && WidgetPublishRequest.Validate(request).IsOk;
        release = null;
        if (isOne)
        {
            WidgetPublishRequest.View view = WidgetPublishRequest.View.Of(request);
            release = Of(in view);
        }

        return isOne;
    }

    /// <summary>Reads the release of a validated request.</summary>
    internal static WidgetRelease Of(in WidgetPublishRequest.View request)
    {
        List<string> roles = [];
        foreach (ReadOnlySpan<byte> role in request.RequiredRoles)
        {
            roles.Add(Encoding.UTF8.GetString(role));
        }

        return new WidgetRelease
        {
            WidgetId = Encoding.UTF8.GetString(request.WidgetId),
            Version = Encoding.UTF8.GetString(request.Version),
            PublisherId = request.PublisherId.ToArray(),
            ManifestHash = request.ManifestHash.ToArray(),
            BundleHash = request.BundleHash.ToArray(),
            BundleSizeBytes = request.BundleSizeBytes,
            RequiredRoles = roles,
            RequestedTrustLevel = Encoding.UTF8.GetString(request.RequestedTrustLevel),
        };
    }

    private static void Write(ArrayBufferWriter<byte> statement, uint number)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(statement.GetSpan(sizeof(uint)), number);
        statement.Advance(sizeof(uint));
    }

    private static void Write(ArrayBufferWriter<byte> statement, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Write(statement, (uint)bytes.Length);
        statement.Write(bytes);
    }

    private byte[] Sign(ISigner signer, ReadOnlySpan<byte> context)
    {
        ArgumentNullException.ThrowIfNull(signer);
        byte[] signature = new byte[signer.SignatureSize];
        signer.Sign(Digest(), context, signature);
        return signature;
    }
}

/// <summary>The trust levels of widgets: the values of <c>trust_level</c>.</summary>
public static class WidgetTrust
{
    /// <summary>Not reviewed.</summary>
    public const string Community = "community";

    /// <summary>Signed by the required number of approvers.</summary>
    public const string Verified = "verified";

    /// <summary>Published by the organization that runs the console.</summary>
    public const string Trusted = "trusted";

    private static readonly string[] s_levels = [Community, Verified, Trusted];

    /// <summary>Returns the lower of two levels; an unknown level counts as the lowest.</summary>
    internal static string Lower(string one, string other) =>
        s_levels[Math.Max(0, Math.Min(Array.IndexOf(s_levels, one), Array.IndexOf(s_levels, other)))];

    /// <summary>Returns whether a text is a trust level.</summary>
    internal static bool IsLevel(string word) => s_levels.Contains(word);
}
