namespace Estream.Esf.Schema.Internal;

/// <summary>What a record takes when every object in it is written out.</summary>
/// <param name="height">How many levels of objects, arrays and maps stand below its fields.</param>
/// <param name="fields">Its fields and those of all objects in it.</param>
internal readonly struct RecordSize(int height, int fields)
{
    public int Height { get; } = height;

    public int Fields { get; } = fields;

    /// <summary>The size with one field more, whose type has the size given.</summary>
    public RecordSize And(RecordSize type) =>
        new(Math.Max(Height, type.Height), Fields + 1 + Math.Min(type.Fields, EsfLimits.MaxFieldsInAll));

    /// <summary>The size of a type that holds this.</summary>
    public RecordSize Inside() => new(Height + 1, Fields);
}
