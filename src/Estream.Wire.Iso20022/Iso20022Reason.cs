namespace Estream.Wire.Iso20022;

/// <summary>Why bytes are no message, or a message is not what its schema says. No reason carries what stood there: values may be
/// private.</summary>
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

    /// <summary>The text is longer than <see cref="Iso20022Limits.MaxMessageBytes"/>, or <see cref="Iso20022Limits.MaxJsonBytes"/> for
    /// JSON.</summary>
    MessageTooLong,

    /// <summary>There are more elements than <see cref="Iso20022Limits.MaxElements"/>.</summary>
    TooManyElements,

    /// <summary>A message or header that there is no schema for, or none at all.</summary>
    UnknownMessage,

    /// <summary>There is more than one message, or more than one header.</summary>
    SeveralMessages,

    /// <summary>An element that may not stand there, or not behind those before it.</summary>
    UnexpectedElement,

    /// <summary>An element that has to be there and is not; the path names it.</summary>
    MissingElement,

    /// <summary>An element that stands there too often.</summary>
    TooManyOccurrences,

    /// <summary>Text between elements.</summary>
    UnexpectedText,

    /// <summary>An attribute that the element does not have.</summary>
    UnexpectedAttribute,

    /// <summary>An attribute that has to be there and is not; the path names it.</summary>
    MissingAttribute,

    /// <summary>Text of an element, with comments and sections in between, that is as long as
    /// <see cref="Iso20022Limits.MaxTokenBytes"/>.</summary>
    ValueTooLong,

    /// <summary>Text with fewer characters than it has to have.</summary>
    TooShort,

    /// <summary>Text with more characters than it may have.</summary>
    TooLong,

    /// <summary>Text that does not look as its type says, as an IBAN or an identifier of a bank.</summary>
    WrongPattern,

    /// <summary>A code that the list of its type does not have.</summary>
    UnknownCode,

    /// <summary>Text that is no number.</summary>
    NotANumber,

    /// <summary>A number with more digits than its type has.</summary>
    TooManyDigits,

    /// <summary>A number with more digits behind the point than its type has.</summary>
    TooManyFractionDigits,

    /// <summary>A number below the least of its type.</summary>
    TooLittle,

    /// <summary>Text that is neither true nor false.</summary>
    NotABoolean,

    /// <summary>Text that is no date or time of its type, or one that does not exist.</summary>
    NotADateOrTime,

    /// <summary>More is wrong than <see cref="Iso20022Limits.MaxFindings"/>; what is behind was not looked at.</summary>
    TooManyFindings,

    /// <summary>An account number whose check digits are not those of the others.</summary>
    WrongCheckDigits,

    /// <summary>A number of transactions that is not theirs.</summary>
    WrongCount,

    /// <summary>A sum that is not that of the transactions.</summary>
    WrongSum,

    /// <summary>A transaction in another currency than the total.</summary>
    DifferentCurrencies,

    /// <summary>A header that names another message, or another version, than the one behind it.</summary>
    HeaderOfAnother,

    /// <summary>An amount with more digits behind the point than its currency has.</summary>
    MoreThanMinorUnits,

    /// <summary>A unique reference that stands twice.</summary>
    RepeatedReference,

    /// <summary>Something is rejected, and no reason is given.</summary>
    MissingReason,

    /// <summary>The booked entries do not lead from the opening to the closing balance.</summary>
    WrongBalance,

    /// <summary>What the usage guidelines of CBPR+ do not allow.</summary>
    NotForCrossBorder,

    /// <summary>Text that begins as JSON and is none, or has a member twice or arrays in arrays.</summary>
    MalformedJson,
}
