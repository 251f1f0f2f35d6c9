using System.Text;
using Estream.Crypto;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Tests.Trust.Releases;

/// <summary>A release is verified if the owners of the namespace have signed its statement and the statement describes this package. Every
/// other case has its own reason.</summary>
public sealed class ReleaseVerifierTests : IDisposable
{
    private readonly DocumentSigner _author = DocumentSigner.Generate();
    private readonly DocumentSigner _stranger = DocumentSigner.Generate();

    internal static PackageFacts Package => new()
    {
        Name = "@acme/meter", Version = "1.2.0", Category = "wire-adapter",
        Root256 = new string('1', 64), Root3 = new string('2', 64), ManifestSha256 = new string('3', 64),
        Permissions = ["network:connect", "files:read"],
        Dependencies = new Dictionary<string, string> { ["esf-iot"] = "^1.0.0" },
        Provides = ["schema:acme.Meter@1"], Requires = ["schema:estream.iot.IoTTelemetry@^1"], License = "Apache-2.0",
    };

    public void Dispose()
    {
        _author.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public void Release_signed_by_its_author_is_verified()
    {
        ReleaseStatement statement = new()
        {
            Package = Package,
            PrevRelease = new string('a', 64),
            BuildRef = "git+https://example.org/meter@0123",
        };
        ReleaseOutcome outcome = ReleaseVerifier.Verify(statement.Sign(_author), Package, [_author.Key], 1);
        Assert.True(outcome.IsVerified, outcome.Fault?.ToString());
        Assert.Equal(statement.Digest(), outcome.Digest);
        Assert.Equal([_author.Key], outcome.Signers);
        Assert.Equal((statement.PrevRelease, statement.BuildRef), (outcome.Statement.PrevRelease, outcome.Statement.BuildRef));
        Assert.Equal(["files:read", "network:connect"], outcome.Statement.Package.Permissions);
    }

    public static TheoryData<string, Func<PackageFacts, PackageFacts>> Changes => new()
    {
        { "name", package => package with { Name = "@acme/other" } },
        { "version", package => package with { Version = "1.2.1" } },
        { "category", package => package with { Category = "app" } },
        { "root256", package => package with { Root256 = new string('9', 64) } },
        { "root3", package => package with { Root3 = new string('9', 64) } },
        { "manifestSha256", package => package with { ManifestSha256 = new string('9', 64) } },
        { "permissions", package => package with { Permissions = ["network:connect", "files:read", "files:write"] } },
        { "permissions", package => package with { Permissions = ["files:read"] } },
        { "dependencies", package => package with { Dependencies = new Dictionary<string, string> { ["esf-iot"] = "^2.0.0" } } },
        { "dependencies", package =>
            package with { Dependencies = new Dictionary<string, string> { ["esf-iot"] = "^1.0.0", ["@evil/x"] = "*" } } },
        { "provides", package => package with { Provides = [] } },
        { "requires", package => package with { Requires = ["schema:other@1"] } },
        { "license", package => package with { License = "MIT" } },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Package_that_differs_from_the_release_is_rejected(string member, Func<PackageFacts, PackageFacts> change)
    {
        ReleaseFault fault = Refused(new ReleaseStatement { Package = Package }.Sign(_author), change(Package));
        Assert.Equal((ReleaseFaultKind.Mismatch, member), (fault.Kind, fault.Member));
        Assert.Contains("the author signed", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_of_permissions_does_not_change_the_release_digest()
    {
        ReleaseStatement statement = new() { Package = Package with { Permissions = ["files:read", "network:connect"] } };
        Assert.Equal(new ReleaseStatement { Package = Package }.Digest(), statement.Digest());
        Assert.True(ReleaseVerifier.Verify(statement.Sign(_author), Package, [_author.Key], 1).IsVerified);
    }

    [Fact]
    public void Key_in_the_package_is_not_trusted()
    {
        byte[] forged = new ReleaseStatement { Package = Package }.Sign(_stranger);
        ReleaseFault fault = Refused(forged, Package);
        Assert.Equal(ReleaseFaultKind.Signature, fault.Kind);
        Assert.Contains($"a signature by the key {_stranger.Key.Id}", fault.Reason, StringComparison.Ordinal);

        // A statement has no member that could contain a key.
        string payload = Encoding.UTF8.GetString(new ReleaseStatement { Package = Package }.ToPayload());
        byte[] withKey = Encoding.UTF8.GetBytes(
            payload.Replace("\"license\"", $"\"key\":\"{_stranger.Key.Id}\",\"license\"", StringComparison.Ordinal));
        fault = Refused(DsseEnvelope.Sign(DocumentType.Release, withKey, _author).ToJson(), Package);
        Assert.Contains("/key: is unknown", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Release_threshold_counts_distinct_keys_of_the_namespace()
    {
        byte[] one = new ReleaseStatement { Package = Package }.Sign(_author);
        Assert.Equal(ReleaseFaultKind.Signature, ReleaseVerifier.Verify(one, Package, [_author.Key, _stranger.Key], 2).Fault!.Kind);
        byte[] two = new ReleaseStatement { Package = Package }.Sign(_author, _stranger);
        Assert.True(ReleaseVerifier.Verify(two, Package, [_author.Key, _stranger.Key], 2).IsVerified);
        Assert.False(ReleaseVerifier.Verify(one, Package, [], 1).IsVerified);
    }

    [Fact]
    public void Document_that_is_not_a_release_is_rejected()
    {
        byte[] payload = new ReleaseStatement { Package = Package }.ToPayload();
        ReleaseFault fault = Refused(DsseEnvelope.Sign(DocumentType.Approval, payload, _author).ToJson(), Package);
        Assert.Equal((ReleaseFaultKind.Malformed, "payloadType"), (fault.Kind, fault.Member));
        Assert.Equal(ReleaseFaultKind.Malformed, Refused(DsseEnvelope.Sign(DocumentType.Release, "{}"u8, _author).ToJson(), Package).Kind);
        Assert.Equal(ReleaseFaultKind.Malformed,
            Refused(DsseEnvelope.Sign(DocumentType.Release, [.. payload, (byte)'\n'], _author).ToJson(), Package).Kind);
        Assert.Equal(ReleaseFaultKind.Malformed, Refused("not json"u8.ToArray(), Package).Kind);
        Assert.Equal(ReleaseFaultKind.Missing, Refused([], Package).Kind);
    }

    [Fact]
    public void Statement_with_unsorted_sets_is_rejected()
    {
        string payload = Encoding.UTF8.GetString(new ReleaseStatement { Package = Package }.ToPayload())
            .Replace("\"files:read\",\"network:connect\"", "\"network:connect\",\"files:read\"", StringComparison.Ordinal);
        Assert.Contains("/permissions: must be sorted",
            Refused(DsseEnvelope.Sign(DocumentType.Release, Encoding.UTF8.GetBytes(payload), _author).ToJson(), Package).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Key_with_two_algorithms_must_sign_with_both()
    {
        using DocumentSigner both = new(MlDsa87PrivateKey.Generate(), Ed25519PrivateKey.Generate());
        byte[] whole = new ReleaseStatement { Package = Package }.Sign(both);
        Assert.True(ReleaseVerifier.Verify(whole, Package, [both.Key], 1).IsVerified);
        Assert.True(DsseEnvelope.TryRead(whole, 1 << 20, out DsseEnvelope? envelope, out _));
        foreach (DsseSignature signature in envelope.Signatures)
        {
            string without = Encoding.UTF8.GetString(whole).Replace(signature.KeyId, new string('0', 64), StringComparison.Ordinal);
            Assert.Equal(ReleaseFaultKind.Signature,
                ReleaseVerifier.Verify(Encoding.UTF8.GetBytes(without), Package, [both.Key], 1).Fault!.Kind);
        }
    }

    private ReleaseFault Refused(byte[] signatureFile, PackageFacts package)
    {
        ReleaseOutcome outcome = ReleaseVerifier.Verify(signatureFile, package, [_author.Key], 1);
        Assert.False(outcome.IsVerified);
        Assert.Empty(outcome.Signers);
        return outcome.Fault;
    }
}
