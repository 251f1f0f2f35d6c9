using System.Text;

namespace Estream.Wire.Tools.Recording;

/// <summary>
/// Replaces the values of the headers of HTTP/1.1 that carry credentials by asterisks, in one direction of a connection and across
/// chunks. Looks at every line, also in bodies: the start of a body cannot always be found, and a credential is never missed.
/// </summary>
internal sealed class HttpSecrets
{
    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';

    private static readonly byte[][] s_names =
        [.. new[] { "authorization", "proxy-authorization", "cookie", "set-cookie" }.Select(name => Encoding.ASCII.GetBytes(name))];

    private readonly byte[] _name = new byte[s_names.Max(name => name.Length)];
    private int _length;
    private State _state;

    private enum State
    {
        Name,
        Hidden,
        Shown,
    }

    /// <summary>Processes the next chunk and overwrites credentials.</summary>
    public void Mask(Span<byte> chunk)
    {
        foreach (ref byte next in chunk)
        {
            if (next == LineFeed)
            {
                (_state, _length) = (State.Name, 0);
            }
            else if (_state == State.Name)
            {
                ReadName(next);
            }
            else if (_state == State.Hidden && next is not (CarriageReturn or (byte)' '))
            {
                next = (byte)'*';
            }
        }
    }

    private void ReadName(byte next)
    {
        if (next == ':')
        {
            ReadOnlySpan<byte> name = _name.AsSpan(0, _length);
            _state = State.Shown;
            foreach (byte[] hidden in s_names)
            {
                _state = name.SequenceEqual(hidden) ? State.Hidden : _state;
            }
        }
        else if (_length == _name.Length)
        {
            _state = State.Shown;
        }
        else
        {
            _name[_length++] = char.IsAsciiLetterUpper((char)next) ? (byte)(next | 0x20) : next;
        }
    }
}
