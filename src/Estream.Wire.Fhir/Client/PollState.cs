using System.Text.Json;

namespace Estream.Wire.Fhir.Client;

/// <summary>How far searches were polled, in a file that survives a restart. Not thread-safe.</summary>
internal sealed class PollState
{
    private readonly string? _file;
    private readonly Dictionary<string, PollPosition> _positions;

    /// <param name="directory">The directory; null to start from the beginning after each restart.</param>
    public PollState(string? directory)
    {
        _file = directory is null ? null : Path.Combine(directory, "searches.json");
        _positions = Load(_file);
    }

    public PollPosition Of(string search) => _positions.GetValueOrDefault(search) ?? new PollPosition("", []);

    /// <summary>Records how far a search was polled. The file is replaced as a whole.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not write the file.</exception>
    public void Set(string search, PollPosition position)
    {
        _positions[search] = position;
        if (_file is null)
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        string next = _file + ".next";
        File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(_positions));
        File.Move(next, _file, overwrite: true);
    }

    /// <summary>Reads the file. A missing or damaged file means that everything is polled again.</summary>
    private static Dictionary<string, PollPosition> Load(string? file)
    {
        try
        {
            return file is not null && File.Exists(file)
                ? JsonSerializer.Deserialize<Dictionary<string, PollPosition>>(File.ReadAllBytes(file)) ?? [] : [];
        }
        catch (Exception failure) when (failure is IOException or JsonException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

/// <summary>How far a search was polled. The ids of a server are stored as hashes.</summary>
/// <param name="Since">The meta.lastUpdated from which the next poll reads; empty for the beginning.</param>
/// <param name="Seen">The hashes of the stored versions from this time on.</param>
internal sealed record PollPosition(string Since, HashSet<string> Seen);
