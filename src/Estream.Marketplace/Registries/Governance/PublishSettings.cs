using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Governance;

/// <summary>
/// The settings file <c>publishing.json</c> in the folder of a registry (docs/formats/registry.md): the scanners, their time limit, and the
/// number of releases that a namespace may publish a day without review. Settings can only add to the rules: the circuit defines the
/// required checks, and the signed policy the reviewers. Thread-safe; holds no state.
/// </summary>
public static class PublishSettings
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "publishing.json";

    private const int MaxBytes = 64 << 10;
    private const int MaxScanners = 16;
    private const int MaxArguments = 64;
    private const int MaxSeconds = 3_600;
    private const int MostADayEver = PublishRateLimiter.MaxEntries;

    /// <summary>Reads the settings of a registry.</summary>
    /// <param name="folder">The folder of the registry. A missing file means the default options.</param>
    /// <exception cref="EstreamFormatException">The file has an error. Nothing is published then: a misspelled scanner must not be
    /// ignored.</exception>
    public static PublishOptions Read(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.Combine(folder, FileName);
        byte[]? bytes = AtomicFile.Read(FileStorage.Instance, path, MaxBytes);
        return bytes is null ? new PublishOptions()
            : TryRead(bytes, out PublishOptions? options, out string? reason) ? options
            : throw new EstreamFormatException(
                $"'{path}' has an error: {reason}. Correct the file, or delete it to use the default settings.", path);
    }

    /// <summary>Reads the bytes of the file. Never throws on any input.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="options">Receives the options.</param>
    /// <param name="reason">Receives why the bytes are not valid.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out PublishOptions? options,
        [NotNullWhen(false)] out string? reason)
    {
        options = null;
        if (!StrictJsonReader.TryRead(bytes, new JsonLimits(MaxBytes, 4, 8 + (MaxScanners * (4 + MaxArguments))), out JsonValue? value,
            out JsonFault? fault))
        {
            reason = fault.ToString();
            return false;
        }

        JsonFields fields = new(value);
        PublishOptions read = new();
        read = fields.Has("releasesADay") ? read with { MostADay = (int)fields.Integer("releasesADay", 1, MostADayEver) } : read;
        read = fields.Has("scanSeconds")
            ? read with { ScanTime = TimeSpan.FromSeconds(Math.Max(1, fields.Integer("scanSeconds", 1, MaxSeconds))) }
            : read;
        List<IReleaseScanner> scanners = [];
        foreach (JsonFields one in fields.Has("scanners") ? fields.Objects("scanners", MaxScanners) : [])
        {
            string name = one.Text("name", 40);
            IReadOnlyList<string> command = one.Texts("command", MaxArguments, 1_000);
            if (scanners.Exists(other => other.Name == name) || !TryScanner(name, command, out IReleaseScanner? scanner))
            {
                one.Refuse("command",
                    $"must belong to a scanner with a unique name of lower-case letters, digits and hyphens, and have "
                    + $"{ProgramScanner.PackageMark} as an argument");
                continue;
            }

            scanners.Add(scanner);
        }

        reason = fields.End();
        options = reason is null ? read with { Scanners = scanners } : null;
        return reason is null;
    }

    private static bool TryScanner(string name, IReadOnlyList<string> command, [NotNullWhen(true)] out IReleaseScanner? scanner)
    {
        try
        {
            scanner = new ProgramScanner(name, command);
            return true;
        }
        catch (ArgumentException)
        {
            scanner = null;
            return false;
        }
    }
}
