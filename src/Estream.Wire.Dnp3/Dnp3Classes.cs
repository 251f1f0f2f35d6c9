namespace Estream.Wire.Dnp3;

/// <summary>Classes of points (IEEE 1815, 5.1.4).</summary>
[Flags]
public enum Dnp3Classes
{
    /// <summary>No class.</summary>
    None = 0,

    /// <summary>The present values of all points.</summary>
    Class0 = 1,

    /// <summary>Events of class 1.</summary>
    Class1 = 2,

    /// <summary>Events of class 2.</summary>
    Class2 = 4,

    /// <summary>Events of class 3.</summary>
    Class3 = 8,

    /// <summary>All events.</summary>
    Events = Class1 | Class2 | Class3,

    /// <summary>All events, then the present values: an integrity poll.</summary>
    All = Class0 | Events,
}
