namespace Estream.Marketplace.Registries.Git;

/// <summary>The local bare repository with the data fetched from a registry. Everything in it can be fetched again. Thread-safe; holds no
/// state.</summary>
/// <param name="directory">The directory; need not exist.</param>
internal sealed class GitCache(string directory)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether the directory is a Git repository.</summary>
    public bool IsThere => File.Exists(Path.Combine(directory, "HEAD"));

    /// <summary>Returns the total size of the files in bytes. Approximate while Git creates and deletes files.</summary>
    public long Bytes()
    {
        long bytes = 0;
        try
        {
            foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles("*",
                new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            {
                bytes += file.Exists ? file.Length : 0;
            }
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            // A temporary file was renamed since it was listed; the next call counts it.
        }

        return bytes;
    }

    /// <summary>Polls the size and cancels a token source once the size exceeds a limit.</summary>
    /// <param name="maxBytes">The limit in bytes.</param>
    /// <param name="full">The token source to cancel.</param>
    /// <param name="end">Ends the polling.</param>
    public async Task WatchAsync(long maxBytes, CancellationTokenSource full, CancellationToken end)
    {
        using PeriodicTimer timer = new(s_look);
        try
        {
            while (Bytes() <= maxBytes)
            {
                _ = await timer.WaitForNextTickAsync(end).ConfigureAwait(false);
            }

            await full.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Git has ended.
        }
    }

    /// <summary>Deletes the directory.</summary>
    public void Clear()
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
