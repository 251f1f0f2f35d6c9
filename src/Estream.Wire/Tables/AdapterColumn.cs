namespace Estream.Wire;

/// <summary>A column of an <see cref="AdapterTable"/>.</summary>
/// <param name="Name">The name for programs, unique in the table, in camelCase such as <c>clientId</c>. It never changes.</param>
/// <param name="Title">The title for people, such as <c>Client id</c>.</param>
/// <param name="Kind">How to show the values.</param>
/// <param name="Unit">The unit of the values, such as <c>s</c>; null for none.</param>
public sealed record AdapterColumn(string Name, string Title, AdapterColumnKind Kind, string? Unit = null);

/// <summary>How to show the values of an <see cref="AdapterColumn"/>.</summary>
public enum AdapterColumnKind
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>An identifier; shown in a font of fixed width and shortened in the middle.</summary>
    Id,

    /// <summary>A whole number.</summary>
    Count,

    /// <summary>A number of bytes.</summary>
    Bytes,

    /// <summary>A time in milliseconds since 1970-01-01 UTC.</summary>
    Time,

    /// <summary>A length of time, in the unit of the column; in seconds if the column has no unit.</summary>
    Duration,

    /// <summary>A state: <c>healthy</c>, <c>degraded</c>, <c>unhealthy</c>, or another word of the protocol.</summary>
    State,

    /// <summary>A list of texts.</summary>
    List,
}
