namespace Estream.Wire.Tools.Recording;

/// <summary>
/// Replaces passwords in one direction of a FIX connection by asterisks, across chunks. Corrects the CheckSum of these messages, so that
/// the recording is valid. Checks every message, because some engines echo passwords or change them later.
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

    // The sum of the bytes up to the last complete field: CheckSum covers all fields before itself.
    private byte _sumOfFields;

    /// <summary>Processes the next chunk and overwrites passwords.</summary>
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
