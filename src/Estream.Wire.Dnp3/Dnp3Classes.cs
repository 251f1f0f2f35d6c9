namespace Estream.Wire.Dnp3;

/// <summary>Classes of points (IEEE 1815, 5.1.4).</summary>
[Flags]
public enum Dnp3Classes
{
    /// <summary>No class.</summary>
    None = 0,

    /// <summary>Class 0: the present values of all points.</summary>
    Present = 1,

    /// <summary>Events of class 1.</summary>
    Events1 = 2,

    /// <summary>Events of class 2.</summary>
    Events2 = 4,

    /// <summary>Events of class 3.</summary>
    Events3 = 8,

    /// <summary>All events.</summary>
    Events = Events1 | Events2 | Events3,

    /// <summary>All events, then the present values: an integrity poll.</summary>
    All = Present | Events,
}
