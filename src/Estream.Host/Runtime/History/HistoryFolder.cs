using System.Text;
using Estream.Core;
using Microsoft.Win32.SafeHandles;

namespace Estream.Host.Runtime;

/// <summary>The folder with one file for each series. Logs failures instead of throwing, and the host runs without the history. One thread
/// at a time writes; any thread reads.</summary>
/// <param name="directory">The folder; created with the first file.</param>
/// <param name="logger">The log.</param>
internal sealed partial class HistoryFolder(string directory, ILogger logger)
{
    /// <summary>The ending that the host adds to the name of a damaged or unknown file.</summary>
    public const string AsideExtension = ".aside";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int MaxFileNameBytes = 240;
    private bool _isFailing;

    /// <summary>Reads the series of the folder, the newest first, and renames other files.</summary>
    /// <param name="maxSeries">The maximum number of series. The files of the others are deleted.</param>
    /// <param name="firstMinute">The first minute whose seconds are read.</param>
    /// <param name="lastMinute">The last minute.</param>
    public List<HistorySeries> Load(int maxSeries, long firstMinute, long lastMinute)
    {
        List<HistorySeries> loaded = [];
        try
        {
            DirectoryInfo folder = new(directory);
            FileInfo[] files = folder.Exists ? folder.GetFiles("*" + HistoryFile.Extension) : [];
            foreach (FileInfo file in files.OrderByDescending(file => file.LastWriteTimeUtc))
            {
                if (TryLoad(file, firstMinute, lastMinute) is not { } series)
                {
                    continue;
                }

                if (loaded.Count == maxSeries)
                {
                    file.Delete();
                    continue;
                }

                loaded.Add(series);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogUnread(logger, directory, failure.Message);
        }

        return loaded;
    }

    /// <summary>Opens the file of a series to write it; creates the file if it does not exist. Returns null if the series has no
    /// file.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public SafeFileHandle? OpenToWrite(SeriesInfo info)
    {
        if (NameOf(info.Name) is not { } name || HistoryFile.HeaderOf(info) is not { } header)
        {
            return null;
        }

        string path = Path.Combine(directory, name);
        if (!File.Exists(path))
        {
            Create(path, header);
        }

        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>Reads the values of consecutive minutes; without values where the file has none or cannot be read.</summary>
    public void ReadMinutes(SeriesInfo info, long first, Span<SeriesPoint> points)
    {
        points.Clear();
        if (NameOf(info.Name) is not { } name || Path.Combine(directory, name) is not { } path || !File.Exists(path))
        {
            return;
        }

        try
        {
            using SafeFileHandle file = OpenToRead(path);
            HistoryFile.ReadMinutes(file, first, points);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            points.Clear();
            LogUnread(logger, path, failure.Message);
        }
    }

    /// <summary>Deletes the file of a series.</summary>
    /// <exception cref="IOException">The file cannot be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be deleted.</exception>
    public void Delete(SeriesInfo info)
    {
        if (NameOf(info.Name) is { } name)
        {
            File.Delete(Path.Combine(directory, name));
        }
    }

    /// <summary>Logs the first of several failures to write, and the success after them.</summary>
    public void Report(Exception? failure)
    {
        if (failure is not null && !_isFailing)
        {
            LogUnwritten(logger, directory, failure.Message);
        }
        else if (failure is null && _isFailing)
        {
            LogWritten(logger, directory);
        }

        _isFailing = failure is not null;
    }

    /// <summary>Returns the name of the file of a series; null if it would be too long for a file system.</summary>
    internal static string? NameOf(string series)
    {
        StringBuilder name = new();
        foreach (byte value in Encoding.UTF8.GetBytes(series))
        {
            char letter = (char)value;
            _ = char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? name.Append(letter)
                : letter == '/' ? name.Append('~')
                : name.Append('%').Append(value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return name.Append(HistoryFile.Extension).Length <= MaxFileNameBytes ? name.ToString() : null;
    }

    // The file gets its name when it is complete, so that a crash leaves no file with half a header.
    private void Create(string path, byte[] header)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        }

        string draft = path + ".new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (FileStream file = new(draft, options))
        {
            file.Write(header);
        }

        File.Move(draft, path);
    }

    private HistorySeries? TryLoad(FileInfo file, long firstMinute, long lastMinute)
    {
        try
        {
            FileKinds.ThrowIfSpecial(file.FullName);
            HistorySeries? series = null;
            using (SafeFileHandle handle = OpenToRead(file.FullName))
            {
                if (HistoryFile.TryReadHeader(handle, out SeriesInfo? info) && NameOf(info.Name) == file.Name)
                {
                    series = Restore(handle, info, firstMinute, lastMinute);
                    series.NoteWritten(new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeSeconds());
                }
            }

            if (series is null)
            {
                file.MoveTo(file.FullName + AsideExtension, overwrite: true);
                LogAside(logger, file.FullName, AsideExtension);
            }

            return series;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EstreamException)
        {
            LogUnread(logger, file.FullName, failure.Message);
            return null;
        }
    }

    private static HistorySeries Restore(SafeFileHandle file, SeriesInfo info, long firstMinute, long lastMinute)
    {
        HistorySeries series = new(info);
        Span<float> seconds = stackalloc float[HistoryFile.BlockSeconds];
        for (long minute = firstMinute; minute <= lastMinute; minute++)
        {
            if (HistoryFile.TryReadSeconds(file, minute, seconds))
            {
                series.Restore(minute, seconds);
            }
        }

        return series;
    }

    private static SafeFileHandle OpenToRead(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    [LoggerMessage(EventId = 172, Level = LogLevel.Warning,
        Message = "'{File}' is damaged or not a file of the history. The host added {Ending} to its name, and starts a new file.")]
    private static partial void LogAside(ILogger logger, string file, string ending);

    [LoggerMessage(EventId = 173, Level = LogLevel.Warning, Message = "The history in '{Path}' cannot be read: {Reason}")]
    private static partial void LogUnread(ILogger logger, string path, string reason);

    [LoggerMessage(EventId = 174, Level = LogLevel.Error,
        Message = "The history cannot be written to '{Folder}'. The host tries again every minute, for the last hour. {Reason}")]
    private static partial void LogUnwritten(ILogger logger, string folder, string reason);

    [LoggerMessage(EventId = 175, Level = LogLevel.Information, Message = "The history is written to '{Folder}' again.")]
    private static partial void LogWritten(ILogger logger, string folder);
}
