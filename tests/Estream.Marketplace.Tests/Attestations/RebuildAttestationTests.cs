using System.Text;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Tests.Attestations;

/// <summary>Signed rebuild attestations: their bytes, and the attestations that are rejected.</summary>
public sealed class RebuildAttestationTests : IDisposable
{
    private const string Name = "@acme/doors@1.2.0";

    private static readonly BuildRecord s_build = new("0.1.0", [new BuildInput("https://acme.example/doors", "gitCommit", "17c5")]);

    private readonly DocumentSigner _rebuilder = DocumentSigner.Generate();
    private readonly DocumentSigner _other = DocumentSigner.Generate();

    public void Dispose()
    {
        _rebuilder.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void Rebuild_attestation_is_an_in_toto_statement_with_both_roots()
    {
        PackageReadResult package = Package("a {}");
        byte[] bytes = RebuildAttestation.Sign(package.Identity!, Name, s_build, _rebuilder);
        Assert.True(DsseEnvelope.TryRead(bytes, RebuildAttestation.MaxBytes, out DsseEnvelope? envelope, out string? reason), reason);
        Assert.Equal("application/vnd.in-toto+json", envelope.PayloadType);
        string expected = $$$$$$"""
            {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"@acme/doors@1.2.0",
            "digest":{"estream_root256":"{{{{{{package.Identity!.Root256}}}}}}","estream_root3":"{{{{{{package.Identity.Root3}}}}}}"}}],
            "predicateType":"urn:estream:marketplace:rebuild:v1","predicate":{"result":"SAME",
            "resolvedDependencies":[{"uri":"https://acme.example/doors","digest":{"gitCommit":"17c5"}}],
            "rebuilder":{"id":"urn:estream:marketplace:rebuild","version":{"estream":"0.1.0"}}}}
            """;
        Assert.Equal(expected.ReplaceLineEndings(""), Encoding.UTF8.GetString(envelope.UnverifiedPayload.Span));
    }

    [Fact]
    public void TryVerify_returns_the_given_keys_that_signed_the_rebuild()
    {
        PackageReadResult package = Package("a {}");
        byte[] bytes = RebuildAttestation.Sign(package.Identity!, Name, s_build, _rebuilder, _other);
        Assert.True(
            RebuildAttestation.TryVerify(bytes, package, [_other.Key, _rebuilder.Key], out IReadOnlyList<DocumentKey>? rebuilders,
                out string? reason), reason);
        Assert.Equal([_other.Key, _rebuilder.Key], rebuilders.OrderBy(key => key == _other.Key ? 0 : 1));
        Assert.True(RebuildAttestation.TryVerify(bytes, package, [_other.Key], out rebuilders, out reason), reason);
        Assert.Equal([_other.Key], rebuilders);
    }

    [Fact]
    public void TryVerify_rejects_other_files_unknown_signers_and_other_statements()
    {
        PackageReadResult package = Package("a {}"), changed = Package("b {}");
        byte[] bytes = RebuildAttestation.Sign(package.Identity!, Name, s_build, _rebuilder);
        Refused(bytes, changed, _rebuilder, "it describes other files");
        Refused(bytes, package, _other, "none of the given keys has signed it");
        byte[] tampered = [.. bytes];
        tampered[bytes.Length / 2] = (byte)(tampered[bytes.Length / 2] == 'A' ? 'B' : 'A');
        Assert.False(RebuildAttestation.TryVerify(tampered, package, [_rebuilder.Key], out _, out _));
        Refused("{}"u8.ToArray(), package, _rebuilder, "");

        // Refuses a build statement signed as a rebuild, and a rebuild statement signed as another type.
        Refused(DsseEnvelope.Sign(DocumentType.Rebuild, AttestationWriter.WriteBuild(package.Identity!, Name, s_build), _rebuilder)
            .ToJson(), package, _rebuilder, "is not about a rebuild");
        Refused(DsseEnvelope.Sign(DocumentType.Rebuild, "no statement"u8.ToArray(), _rebuilder).ToJson(), package, _rebuilder,
            "is not a statement about a package (NotJson)");
        Refused(DsseEnvelope.Sign(DocumentType.Release, AttestationWriter.WriteRebuild(package.Identity!, Name, s_build), _rebuilder)
            .ToJson(), package, _rebuilder, "none of the given keys");
        Assert.Throws<ArgumentException>(() => RebuildAttestation.Sign(package.Identity!, Name, s_build));
    }

    private static void Refused(byte[] bytes, PackageReadResult package, DocumentSigner by, string part)
    {
        Assert.False(RebuildAttestation.TryVerify(bytes, package, [by.Key], out _, out string? reason));
        Assert.Contains(part, reason, StringComparison.Ordinal);
    }

    private static PackageReadResult Package(string style)
    {
        using MemoryStream bytes = new();
        Estream.Marketplace.Packages.Package.Of(
            [new PackageFile(PackagePath.Manifest, false, "[component]\n"u8.ToArray()),
                new PackageFile("theme.css", false, Encoding.UTF8.GetBytes(style))]).Write(bytes);
        bytes.Position = 0;
        return PackageReader.Read(bytes);
    }
}
