namespace Estream.Marketplace.Trust.Log;

/// <summary>Why bytes are no signed note, or no checkpoint.</summary>
public enum NoteFault
{
    /// <summary>They are one.</summary>
    None,

    /// <summary>More bytes than a note may have.</summary>
    TooLong,

    /// <summary>They are not UTF-8, or hold a control character other than the end of a line.</summary>
    Characters,

    /// <summary>There is no blank line with signatures behind it, or the text does not end with its line.</summary>
    NoSignatures,

    /// <summary>More signatures than are looked at.</summary>
    TooManySignatures,

    /// <summary>A line of a signature has another form than a dash, a name, and base64 of at least five bytes.</summary>
    SignatureLine,

    /// <summary>The text has not exactly three lines: origin, size, root.</summary>
    Lines,

    /// <summary>The size is no decimal number below 2^63 without leading zeros.</summary>
    Size,

    /// <summary>The root is not the base64 of 32 bytes.</summary>
    Root,
}
