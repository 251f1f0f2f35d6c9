using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Core;
using Microsoft.Win32.SafeHandles;

namespace Estream.Host.Runtime;

/// <summary>
/// Reads and writes the file of a series; see docs/formats/history.md. Each block and each record has a checksum and its minute, so the
/// reader recognizes blocks and records that a crash has torn or that are older than the ring. Thread-safe for one writer and any number of
/// readers.
/// </summary>
internal static class HistoryFile
{
    public const string Extension = ".history";

    /// <summary>The seconds of a block.</summary>
    public const int BlockSeconds = 60;

    /// <summary>The blocks of the ring of seconds: an hour, the current minute, and some time to read the oldest.</summary>
    public const int BlockCount = 64;

    /// <summary>The records of the ring of minutes: a week.</summary>
    public const int RecordCount = 7 * 24 * 60;

    public const int HeaderBytes = 512;
    public const int BlockBytes = 256;
    public const int RecordBytes = 24;
    public const int MaxBytes = RecordsOffset + (RecordCount * RecordBytes);

    private const int RecordsOffset = HeaderBytes + (BlockCount * BlockBytes);
    private const uint Version = 1;
    private const int ChecksumOffset = 4;
    private const int ContentOffset = 8;
    private const int TextLengthOffset = 32;
    private const int TextOffset = 34;
    private const int MaxTextBytes = HeaderBytes - TextOffset;
    private const int TextLines = 6;

    private static ReadOnlySpan<byte> Magic => "ESTRHIST"u8;

    /// <summary>Creates the header of a file.</summary>
    /// <returns>Null if the texts of the series are too long.</returns>
    public static byte[]? HeaderOf(SeriesInfo info)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', info.Name, info.Title, info.Unit, info.Kind, info.Part, info.Scope));
        if (text.Length > MaxTextBytes)
        {
            return null;
        }

        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), BlockSeconds);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), BlockCount);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(24), RecordCount);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(TextLengthOffset), (ushort)text.Length);
        text.CopyTo(header.AsSpan(TextOffset));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), Crc32C.Compute(header));
        return header;
    }

    /// <summary>Reads the header.</summary>
    /// <returns>False if the file is torn, or is not a file of this version.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static bool TryReadHeader(SafeFileHandle file, [NotNullWhen(true)] out SeriesInfo? info)
    {
        info = null;
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (RandomAccess.GetLength(file) > MaxBytes || RandomAccess.Read(file, header, 0) != HeaderBytes || !header.StartsWith(Magic))
        {
            return false;
        }

        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        header.Slice(12, sizeof(uint)).Clear();
        int length = BinaryPrimitives.ReadUInt16LittleEndian(header[TextLengthOffset..]);
        if (checksum != Crc32C.Compute(header) || length > MaxTextBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) != Version
            || BinaryPrimitives.ReadUInt32LittleEndian(header[16..]) != BlockSeconds
            || BinaryPrimitives.ReadUInt32LittleEndian(header[20..]) != BlockCount
            || BinaryPrimitives.ReadUInt32LittleEndian(header[24..]) != RecordCount)
        {
            return false;
        }

        string[] lines = Encoding.UTF8.GetString(header.Slice(TextOffset, length)).Split('\n');
        info = lines.Length == TextLines ? new SeriesInfo(lines[0], lines[1], lines[2], lines[3], lines[4], lines[5]) : null;
        return info is not null;
    }

    /// <summary>Writes the values of a minute: the record, and the block of seconds unless all 60 values are equal.</summary>
    /// <param name="file">The file.</param>
    /// <param name="minute">Minutes since the Unix epoch.</param>
    /// <param name="seconds">The value of each second; not a number where there is none.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(SafeFileHandle file, long minute, ReadOnlySpan<float> seconds)
    {
        SeriesPoint point = SeriesPoint.Of(seconds);
        if (!IsConstant(point))
        {
            Span<byte> block = stackalloc byte[BlockBytes];
            block.Clear();
            for (int i = 0; i < BlockSeconds; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(block[(ContentOffset + (i * sizeof(float)))..], seconds[i]);
            }

            Seal(block, minute);
            RandomAccess.Write(file, block, BlockOffset(minute));
        }

        // After the block: a record promises that the seconds of the minute can be read.
        Span<byte> record = stackalloc byte[RecordBytes];
        record.Clear();
        BinaryPrimitives.WriteSingleLittleEndian(record[8..], point.Min);
        BinaryPrimitives.WriteSingleLittleEndian(record[12..], point.Mean);
        BinaryPrimitives.WriteSingleLittleEndian(record[16..], point.Max);
        BinaryPrimitives.WriteUInt16LittleEndian(record[20..], (ushort)point.Count);
        Seal(record, minute);
        RandomAccess.Write(file, record, RecordOffset(minute));
    }

    /// <summary>Reads the values of the seconds of a minute.</summary>
    /// <returns>False if the file does not have them.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static bool TryReadSeconds(SafeFileHandle file, long minute, Span<float> seconds)
    {
        // The record first: a minute that was written twice, before and after a restart, may have a block of its first part only.
        Span<SeriesPoint> point = stackalloc SeriesPoint[1];
        ReadMinutes(file, minute, point);
        if (IsConstant(point[0]))
        {
            seconds.Fill(point[0].Min);
            return true;
        }

        Span<byte> block = stackalloc byte[BlockBytes];
        if (RandomAccess.Read(file, block, BlockOffset(minute)) != BlockBytes || !IsOf(block, minute))
        {
            return false;
        }

        for (int i = 0; i < BlockSeconds; i++)
        {
            float value = BinaryPrimitives.ReadSingleLittleEndian(block[(ContentOffset + (i * sizeof(float)))..]);
            seconds[i] = float.IsFinite(value) ? value : float.NaN;
        }

        return true;
    }

    /// <summary>Reads the values of consecutive minutes.</summary>
    /// <param name="file">The file.</param>
    /// <param name="first">The first minute.</param>
    /// <param name="points">Receives one value for each minute, at most <see cref="RecordCount"/>; without values where the file has
    /// none.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static void ReadMinutes(SafeFileHandle file, long first, Span<SeriesPoint> points)
    {
        const int ChunkRecords = 128;
        Span<byte> chunk = stackalloc byte[ChunkRecords * RecordBytes];
        for (int done = 0; done < points.Length;)
        {
            long minute = first + done;
            int slot = (int)(minute % RecordCount);
            int count = Math.Min(Math.Min(ChunkRecords, points.Length - done), RecordCount - slot);
            int read = RandomAccess.Read(file, chunk[..(count * RecordBytes)], RecordOffset(minute)) / RecordBytes;
            for (int i = 0; i < count; i++)
            {
                points[done + i] = i < read ? PointOf(chunk.Slice(i * RecordBytes, RecordBytes), minute + i) : default;
            }

            done += count;
        }
    }

    // With 60 equal values, the record contains all values.
    private static bool IsConstant(SeriesPoint point) =>
        point.Count == BlockSeconds && BitConverter.SingleToInt32Bits(point.Min) == BitConverter.SingleToInt32Bits(point.Max);

    private static SeriesPoint PointOf(ReadOnlySpan<byte> record, long minute)
    {
        SeriesPoint point = new(
            BinaryPrimitives.ReadSingleLittleEndian(record[8..]), BinaryPrimitives.ReadSingleLittleEndian(record[12..]),
            BinaryPrimitives.ReadSingleLittleEndian(record[16..]), BinaryPrimitives.ReadUInt16LittleEndian(record[20..]));
        return IsOf(record, minute) && point is { Count: > 0 and <= BlockSeconds } && float.IsFinite(point.Min) && float.IsFinite(point.Max)
            && point.Min <= point.Mean && point.Mean <= point.Max
            ? point
            : default;
    }

    private static long BlockOffset(long minute) => HeaderBytes + (minute % BlockCount * BlockBytes);

    private static long RecordOffset(long minute) => RecordsOffset + (minute % RecordCount * RecordBytes);

    private static void Seal(Span<byte> bytes, long minute)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)minute);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumOffset..], ChecksumOf(bytes));
    }

    private static bool IsOf(ReadOnlySpan<byte> bytes, long minute) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes) == (uint)minute
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]) == ChecksumOf(bytes);

    private static uint ChecksumOf(ReadOnlySpan<byte> bytes) =>
        Crc32C.Append(Crc32C.Compute(bytes[..ChecksumOffset]), bytes[ContentOffset..]);
}
