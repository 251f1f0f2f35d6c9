using System.Text;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Tests.Attestations;

/// <summary>The bytes of attestations about packages, and the attestations that are rejected.</summary>
public sealed class AttestationTests
{
    private static readonly Package s_package = Package.Of(
        [new PackageFile(PackagePath.Manifest, false, "[component]\n"u8.ToArray()),
            new PackageFile("a.vectors.json", false, "{}"u8.ToArray()), new PackageFile(PackagePath.Signature, false, default)]);

    private static readonly VectorRun s_run = new(
        [new VectorFile("a.vectors.json", s_package.Entries.Single(entry => entry.Path == "a.vectors.json").Sha256,
            [new VectorOutcome("one", []), new VectorOutcome("two", [])])]);

    private static string Build => Encoding.UTF8.GetString(AttestationWriter.WriteBuild(
        s_package.Identity, "@acme/doors@1.2.0",
        new BuildRecord("0.1.0", [new BuildInput("git+https://acme.example/doors", "gitCommit", "17c5")])));

    private static string Vectors =>
        Encoding.UTF8.GetString(AttestationWriter.WriteVectors(s_package.Identity, "@acme/doors@1.2.0", s_run));

    [Fact]
    public void Build_attestation_is_an_SLSA_provenance_statement()
    {
        string expected = $$$$$$"""
            {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"@acme/doors@1.2.0",
            "digest":{"estream_root256":"{{{{{{s_package.Identity.Root256}}}}}}","estream_root3":"{{{{{{s_package.Identity.Root3}}}}}}"}}],
            "predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{"buildType":"urn:estream:marketplace:pack:v1",
            "externalParameters":{"component":"@acme/doors@1.2.0"},
            "resolvedDependencies":[{"uri":"git\u002Bhttps://acme.example/doors","digest":{"gitCommit":"17c5"}}]},
            "runDetails":{"builder":{"id":"urn:estream:marketplace:pack","version":{"estream":"0.1.0"}}}}}
            """;
        Assert.Equal(expected.ReplaceLineEndings(""), Build);
        Assert.Equal(PackageAttestationFault.None, Read(Build, out PackageAttestation? attestation));
        Assert.Equal((AttestationWriter.BuildType, "@acme/doors@1.2.0", null),
            (attestation!.PredicateType, attestation.Subject, attestation.HasPassed));
    }

    [Fact]
    public void Vector_attestation_lists_each_vector_by_file_and_result()
    {
        Assert.Equal(PackageAttestationFault.None, Read(Vectors, out PackageAttestation? attestation));
        Assert.Equal((AttestationWriter.VectorsType, true), (attestation!.PredicateType, attestation.HasPassed));
        Assert.Equal(["a.vectors.json: one", "a.vectors.json: two"], attestation.Passed);
        VectorRun failed = new([s_run.Files[0] with { Vectors = [new VectorOutcome("one", []), new VectorOutcome("two", ["was 3"])] }]);
        Assert.Equal(PackageAttestationFault.None,
            Read(Encoding.UTF8.GetString(AttestationWriter.WriteVectors(s_package.Identity, "x", failed)), out attestation));
        Assert.False(attestation!.HasPassed);
        Assert.Equal(["a.vectors.json: two"], attestation.Failed);
    }

    [Fact]
    public void Vector_run_without_vectors_has_not_passed()
    {
        foreach (VectorRun nothing in new[] { new VectorRun([]), new VectorRun([s_run.Files[0] with { Vectors = [] }]) })
        {
            Assert.False(nothing.HasPassed);
            Assert.Equal(PackageAttestationFault.None,
                Read(Encoding.UTF8.GetString(AttestationWriter.WriteVectors(s_package.Identity, "x", nothing)),
                    out PackageAttestation? attestation));
            Assert.False(attestation!.HasPassed);
        }
    }

    [Theory]
    [InlineData("\"_type\"", "\"type\"", PackageAttestationFault.NotAStatement)]
    [InlineData("Statement/v1", "Statement/v2", PackageAttestationFault.NotAStatement)]
    [InlineData("\"predicateType\"", "\"other\"", PackageAttestationFault.NotAStatement)]
    [InlineData("\"predicate\":{", "\"predicate_\":{", PackageAttestationFault.NotAStatement)]
    [InlineData("\"subject\":[", "\"subject\":[{},", PackageAttestationFault.NotAStatement)]
    [InlineData("estream_root256\":\"", "estream_root256\":\"0", PackageAttestationFault.OtherSubject)]
    [InlineData("estream_root3\":\"", "estream_root3\":\"0", PackageAttestationFault.OtherSubject)]
    [InlineData("estream_root3", "estream_root256", PackageAttestationFault.NotJson)]
    [InlineData("estream_root3", "root3", PackageAttestationFault.OtherSubject)]
    [InlineData("PASSED", "FAILED", PackageAttestationFault.OtherVectors)]
    [InlineData("\"sha256\":\"", "\"sha256\":\"0", PackageAttestationFault.OtherVectors)]
    [InlineData("\"name\":\"a.vectors.json\"", "\"name\":\"b.vectors.json\"", PackageAttestationFault.OtherVectors)]
    [InlineData("\"name\":\"a.vectors.json\"", "\"name\":\"SIGNATURE.ml-dsa\"", PackageAttestationFault.OtherVectors)]
    [InlineData("\"failedTests\":[", "\"failedTests\":[\"a.vectors.json: three\"", PackageAttestationFault.OtherVectors)]
    [InlineData("\"passedTests\":[\"a.vectors.json: one\",\"a.vectors.json: two\"]", "\"passedTests\":[]",
        PackageAttestationFault.OtherVectors)]
    [InlineData("\"passedTests\":[", "\"passedTests\":[1,", PackageAttestationFault.OtherVectors)]
    [InlineData("\"passedTests\":[", "\"passedTests\":[\"\\ud800\",", PackageAttestationFault.OtherVectors)]
    [InlineData("\"configuration\":[", "\"configuration\":[1,", PackageAttestationFault.OtherVectors)]
    [InlineData("{\"_type\"", "[{\"_type\"", PackageAttestationFault.NotJson)]
    public void Attestation_of_another_package_is_rejected(string written, string other, PackageAttestationFault fault)
    {
        Assert.Contains(written, Vectors, StringComparison.Ordinal);
        Assert.Equal(fault, Read(Vectors.Replace(written, other, StringComparison.Ordinal), out PackageAttestation? attestation));
        Assert.Null(attestation);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("1")]
    public void Json_that_is_not_a_statement_is_rejected(string text) => Assert.NotEqual(PackageAttestationFault.None, Read(text, out _));

    [Fact]
    public void Oversized_deeply_nested_or_non_utf8_attestation_is_rejected()
    {
        Assert.Equal(PackageAttestationFault.NotJson, Read(Vectors + new string(' ', 1 << 20), out _));
        Assert.Equal(PackageAttestationFault.NotJson,
            Read(string.Concat(Enumerable.Repeat("[", 40)) + string.Concat(Enumerable.Repeat("]", 40)), out _));
        Assert.Equal(PackageAttestationFault.NotJson,
            AttestationReader.Read(new byte[] { (byte)'"', 0xC0, (byte)'"' }, s_package.Identity, s_package.Entries, out _));
    }

    private static PackageAttestationFault Read(string text, out PackageAttestation? attestation) =>
        AttestationReader.Read(Encoding.UTF8.GetBytes(text), s_package.Identity, s_package.Entries, out attestation);
}
