using System.Text;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>region.meta: the region that a queue is marked for. Absent if there is none. See docs/formats/queue.md.</summary>
internal static class RegionFile
{
    public const string FileName = "region.meta";

    private const long Magic = 0x31_47_45_52_52_54_53_45; // "ESTRREG1"
    private const int Version = 1;
    private const int LengthOffset = 16;
    private const int TextOffset = 24;
    private const int CheckedBytes = TextOffset - LengthOffset + StreamRegion.MaxLength;

    /// <summary>Reads the mark of a queue.</summary>
    /// <returns>The region; <see langword="null"/> if the queue is not marked.</returns>
    /// <exception cref="EstreamException">The file is damaged or cannot be read.</exception>
    public static string? Read(string directory, IStorage storage)
    {
        string path = Path.Combine(directory, FileName);
        if (!storage.FileExists(path))
        {
            return null;
        }

        using MemoryRegion file = storage.OpenRegion(path, RegionAccess.ReadOnly);
        FormatHeader.Check(file.All, path, Magic, Version, CheckedBytes);
        int length = file.All.ReadInt32(LengthOffset);
        string region = length is > 0 and <= StreamRegion.MaxLength
            ? Encoding.ASCII.GetString(file.All.ReadOnlySpan(TextOffset, length))
            : "";
        return StreamRegion.IsValid(region) ? region : throw new EstreamCorruptionException(
            $"'{path}' contains no region. Restore the file from a copy.", path, TextOffset);
    }

    /// <summary>Marks a queue. A mark is never removed or widened, only narrowed.</summary>
    /// <exception cref="ArgumentException">The queue is marked for another region.</exception>
    public static void Apply(string directory, QueueOptions options)
    {
        if (options.Region is not { } region)
        {
            return;
        }

        using IDisposable creation = CreationLock.Take(options.Storage, directory);
        string? present = Read(directory, options.Storage);
        if (present is null || (present != region && StreamRegion.Contains(present, region)))
        {
            Write(directory, options.Storage, region);
        }
        else if (!StreamRegion.Contains(region, present))
        {
            throw new ArgumentException(
                $"Queue '{directory}' is marked for region '{present}'; '{region}' was requested. The mark is permanent, so the messages "
                + "stay in their region. Use another queue.", nameof(options));
        }
    }

    // The mark is durable before the first message, so that a power cut never leaves messages without their mark.
    private static void Write(string directory, IStorage storage, string region) =>
        storage.WriteDurably(Path.Combine(directory, FileName), MetadataLayout.FileBytes, memory =>
        {
            memory.WriteInt32(LengthOffset, region.Length);
            Encoding.ASCII.GetBytes(region, memory.Span(TextOffset, region.Length));
            FormatHeader.Seal(memory, Magic, Version, CheckedBytes);
        });
}
