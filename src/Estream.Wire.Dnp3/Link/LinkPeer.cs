namespace Estream.Wire.Dnp3.Link;

/// <summary>The link state of one peer: the sequence number of sent segments, and the frame count bit of received frames.</summary>
internal sealed class LinkPeer
{
    private bool? _lastFrameCount;

    /// <summary>The sequence number of the next segment that is sent.</summary>
    public byte SegmentSequence;

    /// <summary>Forgets the last frame count bit.</summary>
    public void Reset() => _lastFrameCount = null;

    /// <summary>Whether a frame with confirmed user data is not a repetition of the last one.</summary>
    public bool IsNew(bool isFrameCountSet)
    {
        bool isNew = _lastFrameCount != isFrameCountSet;
        _lastFrameCount = isFrameCountSet;
        return isNew;
    }
}
