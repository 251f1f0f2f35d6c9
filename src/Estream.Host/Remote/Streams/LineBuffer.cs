using System.Text.Json;
using Estream.Client.Protocol;
using Estream.Host.Http;

namespace Estream.Host.Remote;

/// <summary>The JSON lines of one frame. Used by one task.</summary>
internal sealed class LineBuffer : IDisposable
{
    private const int KeptBytes = 4 << 10;

    private MemoryStream _lines = new();
    private Utf8JsonWriter _writer;
    private long _start;

    public LineBuffer() => _writer = new Utf8JsonWriter(_lines, JsonBody.Options);

    /// <summary>The number of bytes of all lines.</summary>
    public int Length => (int)_lines.Length;

    /// <summary>The number of lines.</summary>
    public int Count { get; private set; }

    /// <summary>Begins a line, which is an object.</summary>
    public Utf8JsonWriter BeginLine()
    {
        _start = _lines.Length;
        _writer.Reset(_lines);
        _writer.WriteStartObject();
        return _writer;
    }

    /// <summary>Ends the line. Removes it and returns false if it is longer than <paramref name="most"/> bytes.</summary>
    public bool TryEndLine(int most)
    {
        _writer.WriteEndObject();
        _writer.Flush();
        _lines.WriteByte((byte)'\n');
        if (_lines.Length - _start > most)
        {
            RemoveLine();
            return false;
        }

        Count++;
        return true;
    }

    /// <summary>Removes the line that was begun.</summary>
    public void RemoveLine()
    {
        _writer.Reset(_lines);
        _lines.SetLength(_start);
    }

    /// <summary>Adds all lines to a frame, and forgets them.</summary>
    public void MoveTo(FrameBuilder frame)
    {
        frame.Raw(_lines.GetBuffer().AsSpan(0, Length));
        Clear();
    }

    /// <summary>Forgets all lines, also a line that was begun.</summary>
    public void Clear()
    {
        _writer.Reset(_lines);
        _lines.SetLength(0);
        Count = 0;
    }

    /// <summary>Frees the memory. Call it before a wait, without lines.</summary>
    public void Trim()
    {
        if (_lines.Capacity > KeptBytes)
        {
            _writer.Dispose();
            _lines = new MemoryStream();
            _writer = new Utf8JsonWriter(_lines, JsonBody.Options);
        }
    }

    public void Dispose() => _writer.Dispose();
}
