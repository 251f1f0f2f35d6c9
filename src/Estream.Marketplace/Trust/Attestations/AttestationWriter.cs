using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Attestations;

/// <summary>Writes attestations about packages: in-toto Statement v1 documents whose subject is the roots of a package. Equal facts give
/// equal bytes. Thread-safe.</summary>
/// <remarks>Attestations contain no time and no machine name, because those would make every build different. An attestation is as
/// trustworthy as its signer; an unsigned one is a claim that anybody can check.</remarks>
public static class AttestationWriter
{
    /// <summary>The path of the build attestation in a package.</summary>
    public const string BuildPath = PackagePath.Attestations + "build.intoto.json";

    /// <summary>The path of the golden-vector attestation in a package.</summary>
    public const string VectorsPath = PackagePath.Attestations + "vectors.intoto.json";

    /// <summary>The type of a statement about a build (SLSA provenance, version 1).</summary>
    public const string BuildType = "https://slsa.dev/provenance/v1";

    /// <summary>The type of a statement about golden vectors (test results of in-toto, version 0.1).</summary>
    public const string VectorsType = "https://in-toto.io/attestation/test-result/v0.1";

    /// <summary>The type of a statement that a package was rebuilt from its sources and is identical.</summary>
    public const string RebuildType = "urn:estream:marketplace:rebuild:v1";

    internal const string StatementType = "https://in-toto.io/Statement/v1";
    internal const string Root256Name = "estream_root256";
    internal const string Root3Name = "estream_root3";
    internal const string Passed = "PASSED";
    internal const string Failed = "FAILED";
    internal const string Same = "SAME";

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>Writes a statement about how a package was built.</summary>
    /// <param name="identity">The package that was built.</param>
    /// <param name="name">The human-readable name of the package, such as <c>@acme/doors@1.2.0</c>.</param>
    /// <param name="build">How the package was built.</param>
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

    /// <summary>Writes a statement about the results of a package's golden vectors: the files, their digests, and each vector by
    /// name.</summary>
    /// <param name="identity">The package whose vectors were run.</param>
    /// <param name="name">The human-readable name of the package.</param>
    /// <param name="run">The results.</param>
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

    /// <summary>Writes a statement that its signer packed the sources again and got the same package.</summary>
    /// <param name="identity">The package, identical in both builds.</param>
    /// <param name="name">The human-readable name of the package.</param>
    /// <param name="build">The tool and the inputs of the rebuild.</param>
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

/// <summary>How a package was built; the content of a build attestation.</summary>
/// <param name="ToolVersion">The version of the tool that packed the package.</param>
/// <param name="Inputs">The build inputs that are not files of the package, such as a repository at a commit or a compiler image.</param>
public sealed record BuildRecord(string ToolVersion, IReadOnlyList<BuildInput> Inputs);

/// <summary>An input of a build.</summary>
/// <param name="Uri">The location of the input, such as <c>git+https://…</c>.</param>
/// <param name="Algorithm">The digest algorithm, by its in-toto name: <c>gitCommit</c>, <c>sha256</c>.</param>
/// <param name="Digest">The digest in hexadecimal digits.</param>
public sealed record BuildInput(string Uri, string Algorithm, string Digest);
