using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Attestations;

/// <summary>Reads attestations from outside and holds them to the package they are said to be about. Nothing of it throws.
/// Thread-safe.</summary>
public static class AttestationReader
{
    private const int MaxBytes = 1 << 20;
    private const int MaxDepth = 32;

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads one.</summary>
    /// <param name="text">Any bytes.</param>
    /// <param name="identity">The package it has to be about.</param>
    /// <param name="entries">The entries of that package, to which what it says of files is held.</param>
    /// <param name="attestation">What it says; null where there is a fault.</param>
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

            // Both roots: one alone would be as weak as the weaker hash.
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

        // Each file has to have something that passed: one without vectors shows nothing.
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
            // The second of names with half of a character, when it looks for those that stand twice.
            return false;
        }
    }

    private static JsonElement? Part(JsonElement of, string name, JsonValueKind kind) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement part) && part.ValueKind == kind ? part : null;

    private static string? Text(JsonElement of, string name) => Part(of, name, JsonValueKind.String) is JsonElement text
        ? Text(text)
        : null;

    // Half of a character, escaped, is no text.
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

/// <summary>Why bytes are no attestation of a package.</summary>
public enum PackageAttestationFault
{
    /// <summary>Nothing: it is one.</summary>
    None,

    /// <summary>It is no JSON in UTF-8, or a name stands twice in an object, or it is too long or nested too deep.</summary>
    NotJson,

    /// <summary>It is no statement of in-toto, version 1, with one subject and a predicate.</summary>
    NotAStatement,

    /// <summary>It is about something else than this package.</summary>
    OtherSubject,

    /// <summary>It is about golden vectors, and what it says of them is not whole, contradicts itself, or is about other files than the
    /// package has.</summary>
    OtherVectors,
}

/// <summary>What an attestation says, once it is known to be about a package. Who says so is another question.</summary>
/// <param name="PredicateType">What kind of statement it is: a URI, such as <see cref="AttestationWriter.BuildType"/>.</param>
/// <param name="Subject">What the package is called in it.</param>
/// <param name="HasPassed">Of a statement about golden vectors: whether there were any, and all passed. Otherwise null.</param>
/// <param name="Passed">The vectors that passed, by file and name.</param>
/// <param name="Failed">Those that did not.</param>
public sealed record PackageAttestation(string PredicateType, string Subject, bool? HasPassed, IReadOnlyList<string> Passed,
    IReadOnlyList<string> Failed);
