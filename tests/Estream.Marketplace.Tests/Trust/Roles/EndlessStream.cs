namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>A stream that begins with given bytes and never ends.</summary>
internal sealed class EndlessStream(byte[] beginning) : Stream
{
    public long Given { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => Given; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        for (int i = 0; i < count; i++, Given++)
        {
            buffer[offset + i] = Given < beginning.Length ? beginning[Given] : (byte)' ';
        }

        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
