using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Attestations;

/// <summary>Writes attestations about packages: statements of in-toto, version 1, whose subject is a package's roots. The same bytes of the
/// same facts. Thread-safe.</summary>
/// <remarks>They have no time and no machine: those would make every build another one. A statement is worth what its signer is; without
/// one it is a claim that anybody can check.</remarks>
public static class AttestationWriter
{
    /// <summary>Where the attestation of its build lies in a package.</summary>
    public const string BuildPath = PackagePath.Attestations + "build.intoto.json";

    /// <summary>Where that of its golden vectors lies.</summary>
    public const string VectorsPath = PackagePath.Attestations + "vectors.intoto.json";

    /// <summary>The type of a statement about a build (SLSA provenance, version 1).</summary>
    public const string BuildType = "https://slsa.dev/provenance/v1";

    /// <summary>The type of a statement about golden vectors (test results of in-toto, version 0.1).</summary>
    public const string VectorsType = "https://in-toto.io/attestation/test-result/v0.1";

    /// <summary>The type of a statement that a package was made again of its sources, and is the same.</summary>
    public const string RebuildType = "urn:estream:marketplace:rebuild:v1";

    internal const string StatementType = "https://in-toto.io/Statement/v1";
    internal const string Root256Name = "estream_root256";
    internal const string Root3Name = "estream_root3";
    internal const string Passed = "PASSED";
    internal const string Failed = "FAILED";
    internal const string Same = "SAME";

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>A statement about how a package was built.</summary>
    /// <param name="identity">What was built.</param>
    /// <param name="name">What it is called, such as <c>@acme/doors@1.2.0</c>: for people.</param>
    /// <param name="build">How.</param>
    public static byte[] WriteBuild(PackageIdentity identity, string name, BuildRecord build)
    {
        ArgumentNullException.ThrowIfNull(build);
        return Write(identity, name, BuildType, json =>
        {
            json.WriteStartObject("buildDefinition");
            json.WriteString("buildType", "urn:estream:marketplace:pack:v1");
            json.WriteStartObject("externalParameters");
            json.WriteString("component", name);
            json.WriteEndObject();
            WriteInputs(json, build);
            json.WriteEndObject();
            json.WriteStartObject("runDetails");
            json.WriteStartObject("builder");
            json.WriteString("id", "urn:estream:marketplace:pack");
            json.WriteStartObject("version");
            json.WriteString("estream", build.ToolVersion);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    /// <summary>A statement about what came of a package's golden vectors: which files, with which digests, and each vector by
    /// name.</summary>
    /// <param name="identity">What was run.</param>
    /// <param name="name">What it is called: for people.</param>
    /// <param name="run">What came of it.</param>
    public static byte[] WriteVectors(PackageIdentity identity, string name, VectorRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Write(identity, name, VectorsType, json =>
        {
            json.WriteString("result", run.HasPassed ? Passed : Failed);
            json.WriteStartArray("configuration");
            foreach (VectorFile file in run.Files)
            {
                json.WriteStartObject();
                json.WriteString("name", file.Path);
                json.WriteStartObject("digest");
                json.WriteString("sha256", file.Sha256);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteNames(json, "passedTests", run, hasPassed: true);
            WriteNames(json, "failedTests", run, hasPassed: false);
        });
    }

    /// <summary>A statement that whoever signs it has packed the sources again, and that the same package came of them.</summary>
    /// <param name="identity">What came of it, both times.</param>
    /// <param name="name">What it is called: for people.</param>
    /// <param name="build">With what it was packed again, and of which sources.</param>
    public static byte[] WriteRebuild(PackageIdentity identity, string name, BuildRecord build)
    {
        ArgumentNullException.ThrowIfNull(build);
        return Write(identity, name, RebuildType, json =>
        {
            json.WriteString("result", Same);
            WriteInputs(json, build);
            json.WriteStartObject("rebuilder");
            json.WriteString("id", "urn:estream:marketplace:rebuild");
            json.WriteStartObject("version");
            json.WriteString("estream", build.ToolVersion);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static void WriteInputs(Utf8JsonWriter json, BuildRecord build)
    {
        json.WriteStartArray("resolvedDependencies");
        foreach (BuildInput input in build.Inputs)
        {
            json.WriteStartObject();
            json.WriteString("uri", input.Uri);
            json.WriteStartObject("digest");
            json.WriteString(input.Algorithm, input.Digest);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteNames(Utf8JsonWriter json, string list, VectorRun run, bool hasPassed)
    {
        json.WriteStartArray(list);
        foreach (VectorFile file in run.Files)
        {
            foreach (VectorOutcome vector in file.Vectors.Where(vector => vector.Differences.Count == 0 == hasPassed))
            {
                json.WriteStringValue($"{file.Path}: {vector.Name}");
            }
        }

        json.WriteEndArray();
    }

    private static byte[] Write(PackageIdentity identity, string name, string type, Action<Utf8JsonWriter> writePredicate)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArrayBufferWriter<byte> text = new();
        using (Utf8JsonWriter json = new(text, s_options))
        {
            json.WriteStartObject();
            json.WriteString("_type", StatementType);
            json.WriteStartArray("subject");
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteStartObject("digest");
            json.WriteString(Root256Name, identity.Root256);
            json.WriteString(Root3Name, identity.Root3);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteString("predicateType", type);
            json.WriteStartObject("predicate");
            writePredicate(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return text.WrittenSpan.ToArray();
    }
}

/// <summary>How a package was built: what an attestation of its build says.</summary>
/// <param name="ToolVersion">The version of the tool that packed it.</param>
/// <param name="Inputs">What it was made of besides the files that are in it, such as a repository at a commit or an image with
/// compilers.</param>
public sealed record BuildRecord(string ToolVersion, IReadOnlyList<BuildInput> Inputs);

/// <summary>Something a package was built from.</summary>
/// <param name="Uri">Where it is, such as <c>git+https://…</c>.</param>
/// <param name="Algorithm">What its digest is, by the names of in-toto: <c>gitCommit</c>, <c>sha256</c>.</param>
/// <param name="Digest">The digest in hexadecimal digits.</param>
public sealed record BuildInput(string Uri, string Algorithm, string Digest);
