using System.Text;

namespace Estream.Marketplace.Packages;

/// <summary>Reads and writes a header of an archive: one POSIX ustar block, fully determined by a path, a mode and a length.</summary>
/// <remarks>The reader rejects everything that the writer does not write, with a separate fault per field. Thread-safe.</remarks>
internal static class TarHeader
{
    /// <summary>The size of a header in bytes; contents are padded to a multiple of this size.</summary>
    public const int BlockBytes = 512;

    private const int ShortNumber = 8;
    private const int OctalBits = 3;
    private const int ChecksumDigits = 6;

    private static readonly Range s_name = ..100;
    private static readonly Range s_mode = 100..108;
    private static readonly Range s_owner = 108..116;
    private static readonly Range s_group = 116..124;
    private static readonly Range s_length = 124..136;
    private static readonly Range s_time = 136..148;
    private static readonly Range s_checksum = 148..156;
    private const int TypeAt = 156;
    private static readonly Range s_link = 157..257;
    private static readonly Range s_magic = 257..265;
    private static readonly Range s_names = 265..329;
    private static readonly Range s_deviceMajor = 329..337;
    private static readonly Range s_deviceMinor = 337..345;
    private static readonly Range s_prefix = 345..500;
    private static readonly Range s_rest = 500..;

    private static ReadOnlySpan<byte> Magic => "ustar\000"u8;

    /// <summary>Returns the number of padding bytes after a content.</summary>
    public static int PaddingOf(long length) => (int)(-length & (BlockBytes - 1));

    /// <summary>Writes the header of a file.</summary>
    /// <param name="block">Receives the header; exactly <see cref="BlockBytes"/> bytes.</param>
    /// <param name="path">A valid path.</param>
    /// <param name="isExecutable">Whether its mode is 755.</param>
    /// <param name="length">The length of the content in bytes, less than 8 GiB.</param>
    public static void Write(Span<byte> block, string path, bool isExecutable, long length)
    {
        block[..BlockBytes].Clear();
        int split = PackagePath.SplitAt(path);
        _ = Encoding.ASCII.GetBytes(path.AsSpan(split == 0 ? 0 : split + 1), block[s_name]);
        _ = Encoding.ASCII.GetBytes(path.AsSpan(0, split), block[s_prefix]);
        WriteNumber(block[s_mode], isExecutable ? PackageTree.ExecutableMode : PackageTree.PlainMode);
        WriteNumber(block[s_owner], 0);
        WriteNumber(block[s_group], 0);
        WriteNumber(block[s_length], length);
        WriteNumber(block[s_time], 0);
        block[TypeAt] = (byte)'0';
        Magic.CopyTo(block[s_magic]);
        WriteNumber(block[s_deviceMajor], 0);
        WriteNumber(block[s_deviceMinor], 0);
        WriteNumber(block[s_checksum][..(ChecksumDigits + 1)], SumOf(block));
        block[s_checksum][^1] = (byte)' ';
    }

    /// <summary>Reads a header.</summary>
    /// <param name="block">Any <see cref="BlockBytes"/> bytes.</param>
    /// <param name="path">The path as far as it can be read, also set for messages if there is a fault.</param>
    /// <param name="isExecutable">Whether its mode is 755.</param>
    /// <param name="length">The length of the content in bytes.</param>
    public static PackageFault Read(ReadOnlySpan<byte> block, out string path, out bool isExecutable, out long length)
    {
        isExecutable = false;
        length = 0;
        bool isPathWhole = TryReadPath(block, out path);
        ReadOnlySpan<byte> checksum = block[s_checksum];
        if (!TryReadNumber(checksum[..(ChecksumDigits + 1)], out long sum) || checksum[^1] != ' ' || sum != SumOf(block))
        {
            return PackageFault.HeaderChecksum;
        }

        if (!block[s_magic].SequenceEqual(Magic))
        {
            return PackageFault.NotUstar;
        }

        if (block[TypeAt] != '0')
        {
            return PackageFault.NotRegularFile;
        }

        PackageFault fault = ReadNumbers(block, out isExecutable, out length);
        return fault != PackageFault.None ? fault
            : !isPathWhole ? PackageFault.PathFields
            : (fault = PackagePath.Check(path)) != PackageFault.None ? fault
            : PackagePath.SplitAt(path) != PrefixLength(block) ? PackageFault.PathFields
            : PackageFault.None;
    }

    private static PackageFault ReadNumbers(ReadOnlySpan<byte> block, out bool isExecutable, out long length)
    {
        isExecutable = false;
        length = 0;
        if (!TryReadNumber(block[s_mode], out long mode) || !TryReadNumber(block[s_owner], out long owner)
            || !TryReadNumber(block[s_group], out long group)
            || !TryReadNumber(block[s_length], out length) || !TryReadNumber(block[s_time], out long time)
            || !TryReadNumber(block[s_deviceMajor], out long major) || !TryReadNumber(block[s_deviceMinor], out long minor))
        {
            return PackageFault.NumberForm;
        }

        isExecutable = mode == PackageTree.ExecutableMode;
        return !isExecutable && mode != PackageTree.PlainMode ? PackageFault.Mode
            : (owner | group | time | major | minor) != 0 || IsAnySet(block[s_link]) || IsAnySet(block[s_names]) || IsAnySet(block[s_rest])
                ? PackageFault.FixedFields
            : PackageFault.None;
    }

    private static bool TryReadPath(ReadOnlySpan<byte> block, out string path)
    {
        bool isWhole = TryReadText(block[s_name], out string name) & TryReadText(block[s_prefix], out string prefix);
        path = prefix.Length == 0 ? name : $"{prefix}/{name}";
        return isWhole;
    }

    // Decodes bytes as Latin-1; the path rules reject non-ASCII characters. Nothing may follow the NUL.
    private static bool TryReadText(ReadOnlySpan<byte> field, out string text)
    {
        int end = field.IndexOf((byte)0);
        end = end < 0 ? field.Length : end;
        text = Encoding.Latin1.GetString(field[..end]);
        return !IsAnySet(field[end..]);
    }

    private static int PrefixLength(ReadOnlySpan<byte> block)
    {
        int end = block[s_prefix].IndexOf((byte)0);
        return end < 0 ? block[s_prefix].Length : end;
    }

    private static bool IsAnySet(ReadOnlySpan<byte> field) => field.ContainsAnyExcept((byte)0);

    // Reads octal digits that fill the field except for a NUL. Rejects forms that other readers interpret differently (spaces, signs,
    // base-256).
    private static bool TryReadNumber(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        foreach (byte digit in field[..^1])
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return false;
            }

            value = (value << OctalBits) | (long)(digit - '0');
        }

        return field[^1] == 0;
    }

    private static void WriteNumber(Span<byte> field, long value)
    {
        for (int at = field.Length - 2; at >= 0; at--, value >>= OctalBits)
        {
            field[at] = (byte)('0' + (value & 7));
        }

        field[^1] = 0;
    }

    // The sum of all bytes, with the checksum field counted as spaces.
    private static int SumOf(ReadOnlySpan<byte> block)
    {
        int sum = ' ' * ShortNumber;
        foreach (byte value in block[..s_checksum.Start.Value])
        {
            sum += value;
        }

        foreach (byte value in block[s_checksum.End.Value..BlockBytes])
        {
            sum += value;
        }

        return sum;
    }
}
