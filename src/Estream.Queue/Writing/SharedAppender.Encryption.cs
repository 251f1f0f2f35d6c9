using Estream.Core;

namespace Estream.Queue.Internal;

// Shared appends to an encrypted queue: space is claimed and published as in a plaintext queue; its content is an encrypted block.
internal sealed partial class SharedAppender
{
    private readonly BlockWriter? _blocks;
    private readonly int _overhead;

    // A segment with an older key, or a plaintext one, is sealed before anything else is written to it.
    private bool _keyIsOld;

    public bool IsEncrypted => _blocks is not null;

    private long AppendBlock(ReadOnlySpan<byte> payload)
    {
        payload.CopyTo(Claim(payload.Length, out long position));
        Commit(payload.Length);
        return position;
    }

    private Span<byte> ClaimBlock(int maxLength, out long position)
    {
        Occupy(StrideOf(maxLength), 1);
        try
        {
            position = _basePosition + TailWord.Offset(_openClaim) + _overhead;
            return _blocks!.Payload(maxLength);
        }
        catch
        {
            Abort();
            throw;
        }
    }

    private long ClaimBlock(long stride, long reserve, int maxMessages, OpenBatch batch)
    {
        Occupy(stride, (uint)maxMessages);
        try
        {
            _blocks!.Reserve(stride);
            batch.Begin(_blocks.View, BlockLayout.HeaderBytes, stride - reserve, TailWord.Number(_openClaim), _time, maxMessages);
            return _basePosition + TailWord.Offset(_openClaim) + _overhead;
        }
        catch
        {
            Abort();
            throw;
        }
    }

    // Claims space for this many bytes of frames under the current key.
    private void Occupy(long stride, uint count)
    {
        if (_openStride == 0 && !_disposed)
        {
            SetKeyAge();
        }

        long taken = Take(stride + _overhead, count);
        _openClaim = taken;
        _openStride = stride + _overhead;
        UpdateFastStride();
    }

    private void CommitBlock(long innerBytes, uint count)
    {
        long offset = TailWord.Offset(_openClaim);
        long used = _overhead + innerBytes;
        try
        {
            long first = _blocks!.Encrypt(offset, innerBytes, TailWord.Number(_openClaim), count, _time);
            if (used < _openStride)
            {
                _memory.WriteInt64(offset + used, PadFrame.Word(_segment, _openStride - used));
            }

            _memory.WriteInt64Release(offset, first);
        }
        catch
        {
            Abort();
            throw;
        }

        Close();
    }

    // Called before the segment is entered, so the appender does not enter a segment whose key is not available.
    private void EnterEncrypted(Segment segment, bool isKept = false)
    {
        try
        {
            if (_blocks is not null)
            {
                _keyIsOld = HasOldKey(segment);
                if (!_keyIsOld)
                {
                    _blocks.Enter(segment);
                }
            }
            else if (segment.IsEncrypted)
            {
                throw _queue.NoKeys();
            }
        }
        catch when (!isKept)
        {
            _queue.Segments.Release(segment);
            throw;
        }
    }

    private bool HasOldKey(Segment segment) => segment.Key.Generation < _queue.Keys!.Current;

    private void SetKeyAge()
    {
        bool isOld = HasOldKey(_segment);
        if (!isOld)
        {
            _blocks!.Enter(_segment);
        }

        if (isOld != _keyIsOld)
        {
            _keyIsOld = isOld;
            UpdateFastStride();
        }
    }
}
