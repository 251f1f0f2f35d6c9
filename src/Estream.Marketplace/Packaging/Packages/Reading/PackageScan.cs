namespace Estream.Marketplace.Packages;

/// <summary>The state of reading one package.</summary>
internal sealed class PackageScan : IDisposable
{
    private const int ChunkBytes = 64 << 10;

    private readonly IPackageSink? _sink;
    private readonly PackageLimits _limits;
    private readonly GzipMember _member;
    private readonly ContentHasher _hasher = new();
    private readonly PackagePaths _paths = new();
    private readonly PackageTree _tree = new();
    private readonly List<PackageEntry> _entries = [];
    private readonly byte[] _block = new byte[TarHeader.BlockBytes];
    private readonly byte[] _chunk = new byte[ChunkBytes];
    private PackageFault _fault;
    private string? _path;
    private long _offset;
    private int _attestations;
    private bool _hasManifest;

    public PackageScan(Stream package, IPackageSink? sink, PackageLimits limits)
    {
        (_sink, _limits) = (sink, limits);
        _member = new GzipMember(package, limits);
    }

    public void Dispose()
    {
        _member.Dispose();
        _hasher.Dispose();
    }

    public PackageReadResult Run()
    {
        bool isWhole = _member.TryBegin();
        while (isWhole && TryReadBlock() && _block.AsSpan().ContainsAnyExcept((byte)0))
        {
            isWhole = TryReadEntry();
        }

        if (isWhole && _fault == PackageFault.None && _member.Fault == PackageFault.None)
        {
            ReadEnd();
        }

        PackageFault fault = _fault != PackageFault.None ? _fault : _member.Fault;
        return fault == PackageFault.None
            ? new PackageReadResult(fault, 0, null, _tree.Identity(), _entries)
            : new PackageReadResult(fault, PackageFaults.IsOfFile(fault) ? _member.Consumed : _offset,
                PackageFaults.IsOfFile(fault) ? null : _path, null, []);
    }

    private bool TryReadBlock()
    {
        _path = null;
        _offset = _member.Produced;
        return TryFill(_block);
    }

    // A short read means that the archive ended too early, unless the gzip member reports another fault.
    private bool TryFill(Span<byte> buffer)
    {
        if (_member.TryFill(buffer))
        {
            return true;
        }

        if (_member.Fault == PackageFault.None)
        {
            _fault = PackageFault.Truncated;
        }

        return false;
    }

    private void ReadEnd()
    {
        if (!TryReadBlock())
        {
            return;
        }

        if (_block.AsSpan().ContainsAnyExcept((byte)0))
        {
            _fault = PackageFault.BytesAfterEnd;
            return;
        }

        _offset = _member.Produced;
        if (_member.TryEnd() && !_hasManifest)
        {
            _fault = PackageFault.NoManifest;
        }
    }

    private bool TryReadEntry()
    {
        _fault = TarHeader.Read(_block, out string path, out bool isExecutable, out long length);
        _path = path;
        PackageEntryKind kind = PackagePath.KindOf(path);
        if (_fault == PackageFault.None)
        {
            _fault = _paths.Add(path);
        }

        if (_fault == PackageFault.None)
        {
            _fault = CheckLimits(kind, isExecutable, length);
        }

        if (_fault != PackageFault.None)
        {
            return false;
        }

        _sink?.Begin(path, kind, isExecutable, length);
        if (!TryReadContent(length))
        {
            return false;
        }

        _hasher.Finish();
        if (kind == PackageEntryKind.Content)
        {
            _tree.Append(path, isExecutable, length, _hasher.Sha256, _hasher.Sha3);
        }

        _hasManifest |= path == PackagePath.Manifest;
        _entries.Add(
            new PackageEntry(path, kind, isExecutable, length, Convert.ToHexStringLower(_hasher.Sha256),
                Convert.ToHexStringLower(_hasher.Sha3)));
        _sink?.Complete();
        return true;
    }

    private PackageFault CheckLimits(PackageEntryKind kind, bool isExecutable, long length)
    {
        _attestations += kind == PackageEntryKind.Attestation ? 1 : 0;
        return _entries.Count >= _limits.MaxEntries ? PackageFault.TooManyEntries
            : length > _limits.MaxFileBytes ? PackageFault.FileTooLarge
            : kind == PackageEntryKind.Content ? PackageFault.None
            : isExecutable ? PackageFault.Mode
            : length > _limits.MaxStatementBytes ? PackageFault.StatementTooLarge
            : _attestations > _limits.MaxAttestations ? PackageFault.TooManyAttestations
            : PackageFault.None;
    }

    private bool TryReadContent(long length)
    {
        for (long left = length; left > 0;)
        {
            Span<byte> chunk = _chunk.AsSpan(0, (int)Math.Min(left, ChunkBytes));
            if (!TryFill(chunk))
            {
                return false;
            }

            _hasher.Append(chunk);
            _sink?.Write(chunk);
            left -= chunk.Length;
        }

        Span<byte> padding = _block.AsSpan(0, TarHeader.PaddingOf(length));
        if (!TryFill(padding))
        {
            return false;
        }

        _fault = padding.ContainsAnyExcept((byte)0) ? PackageFault.Padding : PackageFault.None;
        return _fault == PackageFault.None;
    }
}
