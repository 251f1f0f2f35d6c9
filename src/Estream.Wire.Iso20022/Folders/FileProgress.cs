using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>
/// The record of a file whose messages are being stored. The record identifies each stored message. After a crash, messages of other
/// writers and other files therefore do not change which messages of this file are missing. Not thread-safe.
/// </summary>
/// <remarks>
/// <para>The head is the SHA-256 of the content of the file. An entry for each message follows, in the order of the file: the position in
/// the queue, and the SHA-256 of the message as it is stored. The head and each entry end with their CRC-32C; numbers are
/// little-endian. The record ends at the first invalid entry.</para>
/// <para>An entry is written before its message is stored. For a durable queue, the entry is also flushed before. A message that survived a
/// power cut therefore has its entry. The message is stored if the queue has a message with this hash at the position.</para>
/// </remarks>
internal sealed class FileProgress : IAppendNote, IDisposable
{
    /// <summary>The extension of records.</summary>
    public const string Extension = ".progress";

    private const int HeadBytes = SHA256.HashSizeInBytes + sizeof(uint);
    private const int EntryBytes = sizeof(long) + SHA256.HashSizeInBytes + sizeof(uint);
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly WorkFolder _work;
    private readonly string _name;
    private readonly byte[] _content;
    private readonly bool _isDurable;
    private readonly byte[] _entry = new byte[EntryBytes];
    private byte[] _known;
    private FileStream? _file;
    private bool _hasHead;
    private int _next;

    /// <summary>Reads the record of a file, if the record exists.</summary>
    /// <param name="work">The private folders.</param>
    /// <param name="file">The name of the file, in <see cref="WorkFolder.Files"/>.</param>
    /// <param name="content">The SHA-256 of the content of the file.</param>
    /// <param name="isDurable">Whether the record, and the move of the file, are to survive a power cut.</param>
    /// <exception cref="IOException">The record cannot be read.</exception>
    /// <exception cref="EstreamStorageException">The record is not a regular file.</exception>
    public FileProgress(WorkFolder work, string file, byte[] content, bool isDurable)
    {
        _work = work;
        _name = NameOf(file);
        _content = content;
        _isDurable = isDurable;
        byte[] record = work.Read(_name);
        bool isWhole = IsWhole(record, HeadBytes);
        int end = HeadBytes;
        while (isWhole && IsWhole(record.AsSpan(end), EntryBytes))
        {
            end += EntryBytes;
        }

        _known = isWhole ? record[HeadBytes..end] : [];
        _hasHead = isWhole && record.AsSpan(0, SHA256.HashSizeInBytes).SequenceEqual(content);
        IsOfOtherContent = _known.Length > 0 && !_hasHead;
    }

    /// <summary>Whether messages may be stored that were read from another content of the file.</summary>
    public bool IsOfOtherContent { get; }

    /// <summary>Why the last entry could not be written; null if the last entry was written.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The name of the record of a file: a hash, because a file name can contain a private account number.</summary>
    public static string NameOf(string file) => HashOf(file) + Extension;

    /// <summary>The SHA-256 of a file name.</summary>
    public static string HashOf(string file) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file)));

    /// <summary>Whether the next message of the file is stored already. If so, the message after it becomes the next one.</summary>
    /// <param name="sink">The queue of the messages.</param>
    public bool IsStored(IngressSink sink)
    {
        int offset = _next * EntryBytes;
        if (offset < _known.Length
            && sink.Has(BinaryPrimitives.ReadInt64LittleEndian(_known.AsSpan(offset)),
                _known.AsSpan(offset + sizeof(long), SHA256.HashSizeInBytes)))
        {
            _next++;
            return true;
        }

        _known = [];
        return false;
    }

    /// <summary>Records that the next message of the file is stored.</summary>
    public void Advance() => _next++;

    bool IAppendNote.TryNote(string queue, long position, int length) => true;

    bool IAppendNote.TryNote(string queue, long position, ReadOnlySpan<byte> message)
    {
        try
        {
            Write(position, message);
            Failure = null;
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            Failure = failure;
            return false;
        }
    }

    public void Dispose() => _file?.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> part, int length) =>
        part.Length >= length
        && BinaryPrimitives.ReadUInt32LittleEndian(part[(length - sizeof(uint))..]) == Crc32C.Compute(part[..(length - sizeof(uint))]);

    private static void Close(Span<byte> part) =>
        BinaryPrimitives.WriteUInt32LittleEndian(part[^sizeof(uint)..], Crc32C.Compute(part[..^sizeof(uint)]));

    // A failed attempt may have left an entry for this message: the entry is overwritten.
    private void Write(long position, ReadOnlySpan<byte> message)
    {
        bool isFirst = _file is null;
        _file ??= _work.Records.OpenOrCreate(_name, OwnersFile);
        if (!_hasHead)
        {
            byte[] head = new byte[HeadBytes];
            _content.CopyTo(head, 0);
            Close(head);
            _file.SetLength(0);
            _file.Write(head);
            _hasHead = true;
        }

        BinaryPrimitives.WriteInt64LittleEndian(_entry, position);
        SHA256.HashData(message, _entry.AsSpan(sizeof(long)));
        Close(_entry);
        _file.SetLength(HeadBytes + ((long)_next * EntryBytes));
        _file.Seek(0, SeekOrigin.End);
        _file.Write(_entry);
        if (_isDurable)
        {
            _file.Flush(flushToDisk: true);
            if (isFirst)
            {
                _work.Sync();
            }
        }
    }
}
