using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>Builds valid and invalid archives by hand, without the product's writer.</summary>
internal sealed class Archive
{
    public const int Block = 512;

    public const string Manifest = "estream-component.toml";

    private readonly MemoryStream _bytes = new();

    /// <summary>The offset of the last entry's header.</summary>
    public long LastHeader { get; private set; }

    public static Archive WithManifest() => new Archive().Add(Manifest, "[component]\n"u8);

    /// <summary>Adds an entry. Its header is changed as given before the header checksum is computed.</summary>
    public Archive Add(string path, ReadOnlySpan<byte> content, Action<byte[]>? change = null, bool fixChecksum = true)
    {
        byte[] header = Header(path, content.Length);
        change?.Invoke(header);
        if (fixChecksum)
        {
            SetChecksum(header);
        }

        LastHeader = _bytes.Length;
        _bytes.Write(header);
        _bytes.Write(content);
        _bytes.Write(new byte[-content.Length & (Block - 1)]);
        return this;
    }

    /// <summary>Adds arbitrary bytes.</summary>
    public Archive AddRaw(params byte[] bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    /// <summary>Returns the archive with its end blocks.</summary>
    public byte[] ToArray() => [.. _bytes.ToArray(), .. new byte[2 * Block]];

    /// <summary>Returns the archive without end blocks.</summary>
    public byte[] WithoutEnd() => _bytes.ToArray();

    /// <summary>Returns the archive compressed by <see cref="GZipStream"/>, as one gzip member.</summary>
    public byte[] ToPackage() => Gzip(ToArray());

    /// <summary>Returns bytes compressed by <see cref="GZipStream"/>, as one gzip member.</summary>
    public static byte[] Gzip(byte[] bytes, CompressionLevel level = CompressionLevel.Optimal)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, level))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    public static byte[] Gunzip(byte[] bytes)
    {
        using GZipStream gzip = new(new MemoryStream(bytes), CompressionMode.Decompress);
        using MemoryStream unpacked = new();
        gzip.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    public static PackageReadResult Read(byte[] package, PackageLimits? limits = null) =>
        PackageReader.Read(new MemoryStream(package), null, limits);

    /// <summary>Returns a header as defined by POSIX, with the path in the correct fields.</summary>
    public static byte[] Header(string path, long length)
    {
        byte[] header = new byte[Block];
        byte[] name = Encoding.Latin1.GetBytes(path);
        int split = name.Length <= 100 ? -1 : path.LastIndexOf('/', Math.Min(155, path.Length - 1));
        byte[] prefix = split < 0 ? [] : name[..split];
        name = split < 0 ? name : name[(split + 1)..];
        name.AsSpan(0, Math.Min(100, name.Length)).CopyTo(header);
        prefix.CopyTo(header, 345);
        Put(header, 100, "0000644\0");
        Put(header, 108, "0000000\0");
        Put(header, 116, "0000000\0");
        Put(header, 124, Convert.ToString(length, 8).PadLeft(11, '0') + "\0");
        Put(header, 136, "00000000000\0");
        Put(header, 156, "0");
        Put(header, 257, "ustar\0" + "00");
        Put(header, 329, "0000000\0");
        Put(header, 337, "0000000\0");
        SetChecksum(header);
        return header;
    }

    public static void SetChecksum(byte[] header)
    {
        Put(header, 148, "        ");
        Put(header, 148, Convert.ToString(header.Sum(value => value), 8).PadLeft(6, '0') + "\0 ");
    }

    public static void Put(byte[] header, int at, string text) => Encoding.Latin1.GetBytes(text).CopyTo(header, at);

    /// <summary>Returns a gzip member of stored blocks.</summary>
    public static byte[] Stored(byte[] bytes)
    {
        List<byte> packed = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];
        for (int at = 0; at == 0 || at < bytes.Length; at += 65_535)
        {
            int count = Math.Min(65_535, bytes.Length - at);
            byte[] head = [(byte)(at + count == bytes.Length ? 1 : 0), 0, 0, 0, 0];
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(1), (ushort)count);
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(3), (ushort)~count);
            packed.AddRange(head);
            packed.AddRange(bytes.AsSpan(at, count));
        }

        return [.. packed, .. Gzip(bytes)[^8..]];
    }
}
