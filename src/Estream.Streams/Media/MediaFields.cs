using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Streams.Media;

/// <summary>The fields of a message that is an object, or a piece of one.</summary>
/// <param name="Name">The name of the object.</param>
/// <param name="Data">The bytes.</param>
/// <param name="MediaType">The media type; null if the type has no such field.</param>
/// <param name="Piece">The number of the piece in its object, from 0; null if each message is a whole object.</param>
/// <param name="Last">Whether the piece ends its object; null if each message is a whole object.</param>
internal sealed record MediaFields(EsfField Name, EsfField Data, EsfField? MediaType, EsfField? Piece, EsfField? Last)
{
    private const string NameOf = "name";
    private const string DataOf = "data";
    private const string MediaTypeOf = "media_type";
    private const string PieceOf = "piece";
    private const string LastOf = "last";

    /// <summary>Returns the reason why messages of a schema are not objects or pieces of objects; null if they are.</summary>
    public static string? WhyNot(EsfSchema schema)
    {
        foreach (EsfField field in schema.Fields)
        {
            bool? fits = field.Name switch
            {
                NameOf or MediaTypeOf => field.Kind == EsfTypeKind.String,
                DataOf => field.Kind == EsfTypeKind.Bytes,
                LastOf => field.Kind == EsfTypeKind.Bool,
                PieceOf => IsInteger(field),
                _ => null,
            };
            if (fits is not true)
            {
                return fits is null
                    ? $"it has the further field '{field.Name}'"
                    : $"its field '{field.Name}' is of the type {field.TypeName}";
            }

            if (field.IsProtected)
            {
                return $"its field '{field.Name}' is private";
            }
        }

        string[] required = schema.TryGetField(PieceOf, out _) || schema.TryGetField(LastOf, out _)
            ? [NameOf, DataOf, PieceOf, LastOf]
            : [NameOf, DataOf];
        return required.FirstOrDefault(name => !schema.TryGetField(name, out _)) is { } missing ? $"it has no field '{missing}'" : null;
    }

    /// <summary>Returns true if a field is an integer.</summary>
    public static bool IsInteger(EsfField field) => field.Kind is >= EsfTypeKind.U8 and <= EsfTypeKind.I64;

    /// <summary>Returns the fields of a schema that <see cref="WhyNot"/> accepts.</summary>
    public static MediaFields Of(EsfSchema schema)
    {
        return new MediaFields(Required(NameOf), Required(DataOf), Optional(MediaTypeOf), Optional(PieceOf), Optional(LastOf));

        EsfField Required(string name) => Optional(name)
            ?? throw new ArgumentException($"{schema} has no field '{name}'.", nameof(schema));

        EsfField? Optional(string name) => schema.TryGetField(name, out EsfField? field) ? field : null;
    }

    /// <summary>Reads a message.</summary>
    public MediaPiece Read(ReadOnlySpan<byte> message)
    {
        _ = Name.TryGetBytes(message, out ReadOnlySpan<byte> name);
        _ = Data.TryGetBytes(message, out ReadOnlySpan<byte> data);
        ReadOnlySpan<byte> mediaType = default;
        _ = MediaType?.TryGetBytes(message, out mediaType);
        long number = 0;
        bool isNumbered = Piece is null || (Piece.TryGetInt64(message, out number) && number >= 0);
        bool isLast = Last is null || (Last.TryGetInt64(message, out long last) && last != 0);
        return new MediaPiece(name, mediaType, data) { Number = isNumbered ? number : MediaPiece.NoNumber, IsLast = isLast };
    }
}

/// <summary>A piece of an object.</summary>
internal readonly ref struct MediaPiece(ReadOnlySpan<byte> name, ReadOnlySpan<byte> mediaType, ReadOnlySpan<byte> data)
{
    public const long NoNumber = -1;

    public ReadOnlySpan<byte> Name { get; } = name;

    public ReadOnlySpan<byte> MediaType { get; } = mediaType;

    public ReadOnlySpan<byte> Data { get; } = data;

    /// <summary>The number of the piece, from 0; <see cref="NoNumber"/> if the message has none.</summary>
    public long Number { get; init; }

    public bool IsLast { get; init; }
}
