namespace Estream.Wire.Iso20022;

/// <summary>Why bytes are no message, or a message is not what its schema says. No reason carries what stood there: values may be private.</summary>
public enum Iso20022Reason : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The text ends before its root element does.</summary>
    UnexpectedEnd,

    /// <summary>Bytes that are not UTF-8.</summary>
    InvalidUtf8,

    /// <summary>The text says that it is encoded as something else than UTF-8.</summary>
    UnsupportedEncoding,

    /// <summary>A character that XML does not allow.</summary>
    InvalidCharacter,

    /// <summary>A tag, comment, section or instruction that is not written as XML has it.</summary>
    MalformedMarkup,

    /// <summary>A name with characters beyond ASCII, which no message has.</summary>
    UnsupportedName,

    /// <summary>A document type declaration. It is never read: that is where entities come from.</summary>
    DtdNotAllowed,

    /// <summary>A reference to an entity that is none of the five, or to a character that XML does not allow.</summary>
    UnknownEntity,

    /// <summary>An attribute that stands twice.</summary>
    DuplicateAttribute,

    /// <summary>A prefix that is bound to no namespace.</summary>
    UndeclaredPrefix,

    /// <summary>An end tag of another element than the open one.</summary>
    MismatchedEndTag,

    /// <summary>Text or a second element beside the root element.</summary>
    ContentOutsideRoot,

    /// <summary>A tag, comment or instruction is longer than <see cref="Iso20022Limits.MaxTokenBytes"/>, or text is as long.</summary>
    TokenTooLong,

    /// <summary>A name is longer than any of these messages has.</summary>
    NameTooLong,

    /// <summary>Elements nest deeper than <see cref="Iso20022Limits.MaxDepth"/>.</summary>
    TooDeep,

    /// <summary>An element has more attributes than <see cref="Iso20022Limits.MaxAttributes"/>.</summary>
    TooManyAttributes,

    /// <summary>More namespaces are declared, or longer ones, than any of these messages has.</summary>
    TooManyNamespaces,

    /// <summary>The text is longer than <see cref="Iso20022Limits.MaxMessageBytes"/>.</summary>
    MessageTooLong,

    /// <summary>There are more elements than <see cref="Iso20022Limits.MaxElements"/>.</summary>
    TooManyElements,
}
