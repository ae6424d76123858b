//! Closed lists: enums whose variants each have a stable code and one sentence for the documentation.

/// Declares such an enum once: each variant with its code and its meaning, and with a value of one more
/// property if the enum has one.
#[doc(hidden)]
#[macro_export]
macro_rules! closed_list {
    (
        $(#[$outer:meta])*
        $visibility:vis enum $name:ident
        $($variant:ident = $code:literal, $meaning:literal;)+
    ) => {
        $(#[$outer])*
        $visibility enum $name {
            $(#[doc = $meaning] $variant,)+
        }

        impl $name {
            /// Every variant, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code: lower-case words joined by `_`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// One sentence: what happened, and usually who is at fault.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)+
                }
            }
        }
    };
    (
        $(#[$outer:meta])*
        $visibility:vis enum $name:ident {
            $(#[$about:meta])*
            $property:ident: $type:ty
        }
        $($variant:ident = $code:literal [$value:expr], $meaning:literal;)+
    ) => {
        $crate::closed_list! {
            $(#[$outer])*
            $visibility enum $name
            $($variant = $code, $meaning;)+
        }

        impl $name {
            $(#[$about])*
            #[must_use]
            pub const fn $property(self) -> $type {
                match self {
                    $(Self::$variant => $value,)+
                }
            }
        }
    };
}
