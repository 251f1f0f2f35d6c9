namespace Estream.Marketplace.Registries.Git;

/// <summary>The directory with what was fetched of a repository, and how much that is. It holds nothing that cannot be fetched again.
/// Thread-safe; holds no state.</summary>
/// <param name="directory">Where it is, or will be.</param>
internal sealed class GitCache(string directory)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether Git keeps something in it.</summary>
    public bool IsThere => File.Exists(Path.Combine(directory, "HEAD"));

    /// <summary>The bytes of its files. Git makes and removes some meanwhile, so that it is about as much.</summary>
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
            // A temporary file that was renamed since it was listed: the next look counts it.
        }

        return bytes;
    }

    /// <summary>Looks again and again, and says so once more lies there than may.</summary>
    /// <param name="maxBytes">The most.</param>
    /// <param name="full">Is cancelled then.</param>
    /// <param name="end">Ends the looking.</param>
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

    /// <summary>Removes all of it.</summary>
    public void Clear()
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
