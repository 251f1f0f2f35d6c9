using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Core;

namespace Estream.Cli.Tune;

/// <summary>
/// The changes that <c>estream tune apply</c> has made or was about to make, with the values before. <c>apply</c> writes the journal
/// durably before the first change, so <c>undo</c> works after a crash at any step.
/// </summary>
/// <remarks>JSON lines: a header with the id of the boot, then one line for each change. Only the owner may access the file. The journal
/// accepts only files of <see cref="TuneCatalog"/>, because <c>undo</c> runs as root.</remarks>
internal sealed class TuneJournal : IDisposable
{
    private const int Format = 1;
    private const int MaxBytes = 4 << 20;
    private const int MaxDepth = 4;

    private readonly string _path;
    private readonly IDisposable _lock;
    private readonly List<TuneChange> _changes = [];

    private TuneJournal(string path, IDisposable held) => (_path, _lock) = (path, held);

    /// <summary>The changes, oldest first.</summary>
    public IReadOnlyList<TuneChange> Changes => _changes;

    /// <summary>The id of the boot in which <c>apply</c> made the changes; empty if there is no journal. A restart of the machine puts
    /// all values back.</summary>
    public string BootId { get; private set; } = "";

    /// <summary>Opens a journal, and creates its folder. The journal is locked until it is disposed.</summary>
    /// <exception cref="CliException">Another process uses the journal, or the file is damaged.</exception>
    /// <exception cref="EstreamStorageException">The file cannot be read, or other users may access it.</exception>
    public static TuneJournal Open(string path)
    {
        string full = Path.GetFullPath(path);
        FileStorage.Instance.CreateDirectory(Path.GetDirectoryName(full) ?? "/");
        IDisposable held = FileStorage.Instance.TryLock(full + ".lock", LockMode.Exclusive)
            ?? throw new CliException($"Another estream tune uses the journal '{full}'. Wait until that process ends.");
        try
        {
            TuneJournal journal = new(full, held);
            journal.Load();
            return journal;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Adds changes, durably.</summary>
    /// <param name="bootId">The id of the present boot. The journal drops changes of another boot.</param>
    /// <param name="changes">The changes.</param>
    public void Add(string bootId, IEnumerable<TuneChange> changes)
    {
        if (BootId != bootId)
        {
            _changes.Clear();
        }

        BootId = bootId;
        _changes.AddRange(changes);
        string temporary = _path + ".tmp";
        FileStorage.Instance.Delete(temporary);
        SecretFile.Create(temporary, "journal", isSecret: true, Serialize());
        FileStorage.Instance.Rename(temporary, _path);
        FileStorage.Instance.SyncDirectory(Path.GetDirectoryName(_path)!);
    }

    /// <summary>Deletes the journal, durably.</summary>
    public void Delete()
    {
        FileStorage.Instance.Delete(_path);
        FileStorage.Instance.SyncDirectory(Path.GetDirectoryName(_path)!);
        _changes.Clear();
        BootId = "";
    }

    public void Dispose() => _lock.Dispose();

    private byte[] Serialize()
    {
        StringBuilder text = new();
        _ = text.Append(CultureInfo.InvariantCulture, $"{{\"format\":{Format},\"bootId\":{Quote(BootId)}}}\n");
        foreach (TuneChange change in _changes)
        {
            _ = text.Append(CultureInfo.InvariantCulture,
                $"{{\"path\":{Quote(change.Path)},\"before\":{Quote(change.Before)},\"after\":{Quote(change.After)}}}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private void Load()
    {
        if (!File.Exists(_path))
        {
            return;
        }

        string[] lines = SecretFile.ReadText(_path, "journal", MaxBytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            using JsonDocument header = Parse(lines[0]);
            int format = header.RootElement.GetProperty("format").GetInt32();
            if (format != Format)
            {
                throw new CliException($"The journal '{_path}' has format {format}; this program reads {Format}. Use a newer estream.");
            }

            BootId = header.RootElement.GetProperty("bootId").GetString()!;
            _changes.AddRange(lines.Skip(1).Select(ReadChange));
        }
        catch (Exception damage) when (damage is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or IndexOutOfRangeException)
        {
            throw new CliException($"The journal '{_path}' is damaged: {damage.Message} Restart the machine to put all values back, "
                + "then delete the file.");
        }
    }

    private TuneChange ReadChange(string line)
    {
        using JsonDocument change = Parse(line);
        string path = TextOf(change, "path");
        return TuneCatalog.Has(path)
            ? new TuneChange(path, TextOf(change, "before"), TextOf(change, "after"))
            : throw new CliException($"The journal '{_path}' names '{path}', which estream tune does not write. Delete the journal.");
    }

    private static JsonDocument Parse(string line) => JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = MaxDepth });

    private static string TextOf(JsonDocument document, string name) =>
        document.RootElement.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null.");
}
