using System.Text;

namespace Estream.Testing;

/// <summary>The lines a process has printed so far. Thread-safe, and bounded so that a process that prints much cannot exhaust the
/// memory.</summary>
internal sealed class OutputLog
{
    private const int MaxChars = 64 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private bool _isCut;

    public void Add(string line)
    {
        lock (_lock)
        {
            if (_isCut)
            {
                return;
            }

            _isCut = _text.Length + line.Length >= MaxChars;
            _text.Append(_isCut ? $"(cut: more than {MaxChars} characters)" : line).Append('\n');
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return _text.ToString();
        }
    }
}
