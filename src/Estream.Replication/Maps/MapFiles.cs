using System.Globalization;
using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Replication.Internal;

/// <summary>The directories of the index and the feeds of a replicated map.</summary>
/// <param name="root">The directory that contains them, used for nothing else.</param>
internal sealed class MapFiles(string root)
{
    private const string IndexName = "index";
    private const string FeedPrefix = "feed-";

    public string Root { get; } = Path.GetFullPath(root);

    public string Index => Path.Combine(Root, IndexName);

    /// <summary>What a former owner had, until the brokers show that the map has another owner.</summary>
    // No map has this name, because a name has no '~'.
    private string Former => Root + "~owner";

    public string Feed(long feed) => Path.Combine(Root, FeedPrefix + NameOf(feed));

    public static string NameOf(long feed) => feed.ToString("x16", CultureInfo.InvariantCulture);

    public static bool HasQueue(string directory) => File.Exists(Path.Combine(directory, MetadataLayout.QueueFile));

    /// <summary>Puts the files of a former owner aside. Its feed may contain changes that were never confirmed.</summary>
    public void PutAside()
    {
        if (Directory.Exists(Root) && !Directory.Exists(Former))
        {
            Directory.Move(Root, Former);
        }
    }

    /// <summary>Uses the files of the former owner again: no other process has owned the map since.</summary>
    public void Restore()
    {
        if (Directory.Exists(Former))
        {
            DeleteTree(Root);
            Directory.Move(Former, Root);
        }
    }

    public void DeleteFormer() => DeleteTree(Former);

    public void DeleteFeed(long feed) => DeleteTree(Feed(feed));

    /// <summary>Deletes all feeds but one.</summary>
    public void DeleteFeedsExcept(long feed)
    {
        if (Directory.Exists(Root))
        {
            Array.ForEach([.. Directory.EnumerateDirectories(Root, FeedPrefix + "*").Where(one => one != Feed(feed))], DeleteTree);
        }
    }

    private static void DeleteTree(string directory)
    {
        try
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EstreamStorageException(
                $"The directory '{directory}' of an earlier feed cannot be deleted: {failure.Message} Check its permissions.", directory,
                StorageFailure.Other, failure);
        }
    }
}
