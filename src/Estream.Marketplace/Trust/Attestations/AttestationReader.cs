using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Attestations;

/// <summary>Reads untrusted attestations and checks them against the package they claim to describe. Reports faults instead of throwing.
/// Thread-safe.</summary>
public static class AttestationReader
{
    private const int MaxBytes = 1 << 20;
    private const int MaxDepth = 32;

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads an attestation and checks it against a package.</summary>
    /// <param name="text">The attestation; any bytes.</param>
    /// <param name="identity">The package that the attestation must describe.</param>
    /// <param name="entries">The entries of that package; the file digests in the attestation must match them.</param>
    /// <param name="attestation">The content of the attestation; null if there is a fault.</param>
    /// <returns><see cref="PackageAttestationFault.None"/>, or the first fault found.</returns>
    public static PackageAttestationFault Read(ReadOnlyMemory<byte> text, PackageIdentity identity, IEnumerable<PackageEntry> entries,
        out PackageAttestation? attestation)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(entries);
        attestation = null;
        if (!TryParse(text, out JsonDocument? document))
        {
            return PackageAttestationFault.NotJson;
        }

        using (document)
        {
            JsonElement root = document.RootElement;
            if (Text(root, "_type") != AttestationWriter.StatementType || Text(root, "predicateType") is not string type
                || Part(root, "predicate", JsonValueKind.Object) is not JsonElement predicate
                || Part(root, "subject", JsonValueKind.Array) is not JsonElement subjects || subjects.GetArrayLength() != 1
                || Text(subjects[0], "name") is not string name
                || Part(subjects[0], "digest", JsonValueKind.Object) is not JsonElement digest)
            {
                return PackageAttestationFault.NotAStatement;
            }

            // Both roots must match: a check of one root would be only as strong as the weaker hash.
            if (Text(digest, AttestationWriter.Root256Name) != identity.Root256
                || Text(digest, AttestationWriter.Root3Name) != identity.Root3)
            {
                return PackageAttestationFault.OtherSubject;
            }

            if (type != AttestationWriter.VectorsType)
            {
                attestation = new PackageAttestation(type, name, null, [], []);
                return PackageAttestationFault.None;
            }

            return ReadVectors(predicate, name, entries, out attestation);
        }
    }

    private static PackageAttestationFault ReadVectors(JsonElement predicate, string name, IEnumerable<PackageEntry> entries,
        out PackageAttestation? attestation)
    {
        attestation = null;
        Dictionary<string, string> digests = entries.Where(entry => entry.Kind == PackageEntryKind.Content)
            .ToDictionary(entry => entry.Path, entry => entry.Sha256, StringComparer.Ordinal);
        if (Part(predicate, "configuration", JsonValueKind.Array) is not JsonElement files
            || !TryTexts(predicate, "passedTests", out List<string>? passed)
            || !TryTexts(predicate, "failedTests", out List<string>? failed))
        {
            return PackageAttestationFault.OtherVectors;
        }

        // Each listed file needs at least one passed vector: a file without vectors proves nothing.
        bool hasPassed = files.GetArrayLength() > 0 && failed.Count == 0;
        foreach (JsonElement file in files.EnumerateArray())
        {
            if (Text(file, "name") is not string path || Part(file, "digest", JsonValueKind.Object) is not JsonElement digest
                || Text(digest, "sha256") is not string sha256
                || digests.GetValueOrDefault(path) != sha256)
            {
                return PackageAttestationFault.OtherVectors;
            }

            hasPassed &= passed.Exists(vector => vector.StartsWith($"{path}: ", StringComparison.Ordinal));
        }

        if (Text(predicate, "result") != (hasPassed ? AttestationWriter.Passed : AttestationWriter.Failed))
        {
            return PackageAttestationFault.OtherVectors;
        }

        attestation = new PackageAttestation(AttestationWriter.VectorsType, name, hasPassed, passed, failed);
        return PackageAttestationFault.None;
    }

    private static bool TryParse(ReadOnlyMemory<byte> text, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        if (text.Length > MaxBytes || !Utf8.IsValid(text.Span))
        {
            return false;
        }

        try
        {
            document = JsonDocument.Parse(text, s_options);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: the duplicate-name check met a name with an unpaired surrogate.
            return false;
        }
    }

    private static JsonElement? Part(JsonElement of, string name, JsonValueKind kind) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement part) && part.ValueKind == kind ? part : null;

    private static string? Text(JsonElement of, string name) => Part(of, name, JsonValueKind.String) is JsonElement text
        ? Text(text)
        : null;

    // Returns null for a string with an escaped, unpaired surrogate.
    private static string? Text(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool TryTexts(JsonElement of, string name, [NotNullWhen(true)] out List<string>? texts)
    {
        texts = null;
        if (Part(of, name, JsonValueKind.Array) is not JsonElement list)
        {
            return false;
        }

        texts = new List<string>(list.GetArrayLength());
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || Text(item) is not string text)
            {
                return false;
            }

            texts.Add(text);
        }

        return true;
    }
}

/// <summary>Why bytes are not a valid attestation of a package.</summary>
public enum PackageAttestationFault
{
    /// <summary>No fault: the attestation is valid.</summary>
    None,

    /// <summary>Not JSON in UTF-8, a duplicate name in an object, too long, or nested too deeply.</summary>
    NotJson,

    /// <summary>Not an in-toto Statement v1 with exactly one subject and a predicate.</summary>
    NotAStatement,

    /// <summary>The subject is not this package.</summary>
    OtherSubject,

    /// <summary>A golden-vector attestation that is incomplete, contradicts itself, or names files that the package does not
    /// have.</summary>
    OtherVectors,
}

/// <summary>The content of an attestation that describes the given package. Its signer is not verified here.</summary>
/// <param name="PredicateType">The type of the statement: a URI, such as <see cref="AttestationWriter.BuildType"/>.</param>
/// <param name="Subject">The name of the package in the attestation.</param>
/// <param name="HasPassed">For a golden-vector statement, whether it has vectors and all of them passed. Null for other statements.</param>
/// <param name="Passed">The vectors that passed, by file and name.</param>
/// <param name="Failed">The vectors that failed, by file and name.</param>
public sealed record PackageAttestation(string PredicateType, string Subject, bool? HasPassed, IReadOnlyList<string> Passed,
    IReadOnlyList<string> Failed);
