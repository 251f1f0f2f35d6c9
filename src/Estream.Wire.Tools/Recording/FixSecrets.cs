namespace Estream.Wire.Tools.Recording;

/// <summary>
/// Puts asterisks in the place of passwords in what goes one way over a connection of FIX, however it is cut into chunks, and mends the
/// CheckSum of messages that had some, so that what is recorded is whole. Every message is looked at: some engines send passwords back, or
/// change them later.
/// </summary>
internal sealed class FixSecrets
{
    private const byte Soh = 1;
    private const int CheckSum = 10;
    private const int Password = 554;
    private const int NewPassword = 925;
    private const int CheckSumDigits = 3;
    private const int NoTag = 1_000_000;

    private int _tag;
    private bool _isInValue;
    private int _place;
    private bool _isHidden;
    private byte _sum;

    // As it was behind the last whole field: CheckSum is over what stands before it.
    private byte _sumOfFields;

    /// <summary>Goes on where the last chunk ended, and overwrites what is to be hidden.</summary>
    public void Mask(Span<byte> chunk)
    {
        foreach (ref byte next in chunk)
        {
            if (next == Soh)
            {
                EndField();
            }
            else if (!_isInValue)
            {
                ReadTag(next);
            }
            else
            {
                HideValue(ref next);
            }
        }
    }

    private void ReadTag(byte next)
    {
        _sum += next;
        _isInValue = next == '=';
        if (!_isInValue)
        {
            _tag = char.IsAsciiDigit((char)next) && _tag < NoTag ? (_tag * 10) + next - '0' : NoTag;
        }
    }

    private void HideValue(ref byte next)
    {
        if (_tag is Password or NewPassword)
        {
            next = (byte)'*';
            _isHidden = true;
        }
        else if (_tag == CheckSum && _isHidden && _place < CheckSumDigits)
        {
            int shift = _place == 0 ? 100 : _place == 1 ? 10 : 1;
            next = (byte)('0' + (_sumOfFields / shift % 10));
        }

        _place++;
        _sum += next;
    }

    private void EndField()
    {
        bool isLast = _isInValue && _tag == CheckSum;
        _isHidden &= !isLast;
        _sum = isLast ? (byte)0 : (byte)(_sum + Soh);
        _sumOfFields = _sum;
        _tag = 0;
        _isInValue = false;
        _place = 0;
    }
}
